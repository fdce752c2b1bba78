import { DatabaseCluster as DocumentDbCluster } from 'aws-cdk-lib/aws-docdb';
import { InstanceClass, InstanceSize, InstanceType, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  AuroraMysqlEngineVersion,
  AuroraPostgresEngineVersion,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseInstance,
  DatabaseInstanceEngine,
  DatabaseSecret,
  type IClusterEngine,
  type IInstanceEngine,
  MariaDbEngineVersion,
  MysqlEngineVersion,
  OracleEngineVersion,
  SqlServerEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { CfnCluster } from 'aws-cdk-lib/aws-redshift';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../testing/bundles.ts';
import { postgres18, World } from '../testing/world.ts';
import { RotationTemplate, redshiftTarget } from './index.ts';

const templates = {
  mariadb: RotationTemplate.mariadbSingleUser(),
  mysql: RotationTemplate.mysqlSingleUser(),
  oracle: RotationTemplate.oracleSingleUser(),
  postgres: RotationTemplate.postgresSingleUser(),
  sqlserver: RotationTemplate.sqlserverSingleUser(),
  documentdb: RotationTemplate.documentdbSingleUser(),
  redshift: RotationTemplate.redshiftSingleUser(),
  multiUser: RotationTemplate.postgresMultiUser(),
};
beforeAll(() => build(...Object.values(templates)));

const attachmentOf = (world: World) => world.properties('AWS::SecretsManager::SecretTargetAttachment');
const rotatedSecret = (world: World) => world.properties('AWS::SecretsManager::RotationSchedule').SecretId.Ref;

describe('an instance of RDS: its own secret, and its port', () => {
  test.each<[string, IInstanceEngine, RotationTemplate]>([
    ['PostgreSQL', postgres18, templates.postgres],
    ['MySQL', DatabaseInstanceEngine.mysql({ version: MysqlEngineVersion.VER_8_4_5 }), templates.mysql],
    ['MariaDB', DatabaseInstanceEngine.mariaDb({ version: MariaDbEngineVersion.VER_10_11 }), templates.mariadb],
    ['Oracle', DatabaseInstanceEngine.oracleSe2({ version: OracleEngineVersion.VER_19 }), templates.oracle],
    ['SQL Server', DatabaseInstanceEngine.sqlServerSe({ version: SqlServerEngineVersion.VER_16 }), templates.sqlserver],
  ])('%s', (_name, engine, template) => {
    const world = new World();
    world.rotation({ template, vpc: world.vpc }).rotate('Admin', world.database(world.vpc, engine));
    expect(attachmentOf(world).TargetType).toBe('AWS::RDS::DBInstance');
    expect(rotatedSecret(world)).toMatch(/^DatabaseSecretAttachment/);
    expect(world.properties('AWS::EC2::SecurityGroupIngress').FromPort).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^Database/), 'Endpoint.Port'],
    });
  });
});

describe('a cluster of Aurora', () => {
  test.each<[string, IClusterEngine, RotationTemplate]>([
    [
      'PostgreSQL',
      DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_4 }),
      templates.postgres,
    ],
    ['MySQL', DatabaseClusterEngine.auroraMysql({ version: AuroraMysqlEngineVersion.VER_3_10_0 }), templates.mysql],
  ])('%s', (_name, engine, template) => {
    const world = new World();
    const cluster = new DatabaseCluster(world.stack, 'Cluster', {
      engine,
      vpc: world.vpc,
      writer: ClusterInstance.serverlessV2('writer'),
    });
    world.rotation({ template, vpc: world.vpc }).rotate('Admin', cluster);
    expect(attachmentOf(world).TargetType).toBe('AWS::RDS::DBCluster');
    expect(rotatedSecret(world)).toMatch(/^ClusterSecretAttachment/);
  });
});

test('a cluster of DocumentDB', () => {
  const world = new World();
  const cluster = new DocumentDbCluster(world.stack, 'Cluster', {
    masterUser: { username: 'keeper' },
    instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.MEDIUM),
    vpc: world.vpc,
  });
  world.rotation({ template: templates.documentdb, vpc: world.vpc }).rotate('Admin', cluster);
  expect(attachmentOf(world).TargetType).toBe('AWS::DocDB::DBCluster');
  expect(world.properties('AWS::EC2::SecurityGroupIngress').FromPort).toEqual({
    'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Port'],
  });
});

test('a cluster of Redshift, for which aws-cdk-lib has no construct', () => {
  const world = new World();
  const secret = new DatabaseSecret(world.stack, 'Admin', { username: 'admin' });
  const group = new SecurityGroup(world.stack, 'Group', { vpc: world.vpc });
  const cluster = new CfnCluster(world.stack, 'Cluster', {
    clusterType: 'single-node',
    nodeType: 'ra3.large',
    dbName: 'dev',
    masterUsername: secret.secretValueFromJson('username').unsafeUnwrap(),
    masterUserPassword: secret.secretValueFromJson('password').unsafeUnwrap(),
    vpcSecurityGroupIds: [group.securityGroupId],
  });
  const rotation = world.rotation({ template: templates.redshift, vpc: world.vpc });
  rotation.rotate('Admin', redshiftTarget(cluster, { securityGroups: [group], secret }));
  expect(attachmentOf(world)).toMatchObject({ TargetType: 'AWS::Redshift::Cluster', TargetId: { Ref: 'Cluster' } });
  expect(world.properties('AWS::EC2::SecurityGroupIngress')).toMatchObject({ FromPort: 5439, ToPort: 5439 });
});

describe('the secret of another user', () => {
  test('is attached to the target, once, also if it is rotated where it was attached before', () => {
    const world = new World();
    const database = world.database();
    const rotation = world.rotation({ vpc: world.vpc });
    const fresh = new DatabaseSecret(world.stack, 'Fresh', { username: 'fresh' });
    const attached = new DatabaseSecret(world.stack, 'Attached', { username: 'attached' });
    rotation.rotate('Handed', database, { secret: attached.attach(database) });
    const before = new DatabaseSecret(world.stack, 'Before', { username: 'before' });
    before.attach(database);
    rotation.rotate('Before', database, { secret: before });
    const { secret } = rotation.rotate('Fresh', database, { secret: fresh });
    expect(secret.node.path).toBe('Stack/Fresh/Attachment');
    world.template.resourceCountIs('AWS::SecretsManager::SecretTargetAttachment', 4);
    const rotated = Object.values(world.template.findResources('AWS::SecretsManager::RotationSchedule'));
    expect(rotated.map(({ Properties }) => Properties.SecretId.Ref.replace(/Attachment.*/, ''))).toEqual([
      'Attached',
      'Before',
      'Fresh',
    ]);
  });

  test('that says where its server is stays as it is', () => {
    const world = new World();
    const secret = world.secret({ engine: 'postgres', host: 'proxy.example', username: 'app' });
    world.rotation({ vpc: world.vpc }).rotate('App', world.database(), { secret });
    expect(rotatedSecret(world)).toMatch(/^Secret/);
    world.template.resourceCountIs('AWS::SecretsManager::SecretTargetAttachment', 1);
  });

  test('that is imported has what it needs, as far as is known', () => {
    const world = new World();
    const database = DatabaseInstance.fromDatabaseInstanceAttributes(world.stack, 'Imported', {
      instanceIdentifier: 'db',
      instanceEndpointAddress: 'db.example',
      port: 5432,
      securityGroups: [SecurityGroup.fromSecurityGroupId(world.stack, 'Theirs', 'sg-00000000')],
    });
    const secret = DatabaseSecret.fromSecretNameV2(world.stack, 'App', 'prod/app');
    world.rotation({ vpc: world.vpc }).rotate('App', database, { secret });
    expect(world.properties('AWS::EC2::SecurityGroupIngress')).toMatchObject({
      GroupId: 'sg-00000000',
      FromPort: 5432,
    });
  });
});

describe('a target whose own secret cannot be rotated is an error with the remedy', () => {
  test('it has none', () => {
    const world = new World();
    const database = DatabaseInstance.fromDatabaseInstanceAttributes(world.stack, 'Imported', {
      instanceIdentifier: 'db',
      instanceEndpointAddress: 'db.example',
      port: 5432,
      securityGroups: [],
    });
    expect(() => world.rotation({ vpc: world.vpc }).rotate('Admin', database)).toThrow(
      'The target has no secret that is known here. Give the secret of the user that is to be rotated.',
    );
  });

  test('RDS rotates it itself; it may be the master secret of another', () => {
    const world = new World();
    const database = new DatabaseInstance(world.stack, 'Managed', {
      engine: postgres18,
      vpc: world.vpc,
      manageMasterUserPassword: true,
    });
    const rotation = world.rotation({ template: templates.multiUser, vpc: world.vpc });
    expect(() => rotation.rotate('Admin', database)).toThrow(
      'The secret of the target is managed and rotated by AWS itself. Rotate the secrets of its other users, with this one as masterSecret.',
    );
    const secret = new DatabaseSecret(world.stack, 'App', { username: 'app' });
    rotation.rotate('App', database, { secret, masterSecret: database.secret });
    const { ReadTheMasterSecret, FindTheServer } = world.statements;
    expect(ReadTheMasterSecret.Action).toEqual(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue']);
    expect(JSON.stringify(ReadTheMasterSecret.Resource)).toContain('MasterUserSecret.SecretArn');
    expect(FindTheServer.Action).toContain('rds:DescribeDBInstances');
  });
});
