import { Duration, SecretValue } from 'aws-cdk-lib';
import { Connections, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DatabaseInstanceEngine, DatabaseSecret, MysqlEngineVersion } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../testing/bundles.ts';
import { World } from '../testing/world.ts';
import { RotationFunction, RotationSchedule, RotationTemplate } from './index.ts';

const singleUser = RotationTemplate.postgresSingleUser();
const multiUser = RotationTemplate.postgresMultiUser();
beforeAll(() => build(singleUser, multiUser, RotationTemplate.iamAccessKey()));

const login = { engine: 'postgres', host: 'db', username: 'app' };
const scheduleOf = (world: World) => world.properties('AWS::SecretsManager::RotationSchedule');

describe('the schedule', () => {
  test('30 days, and a first rotation at once, unless told otherwise', () => {
    const world = new World();
    world.rotation().rotateSecret('App', world.secret(login));
    expect(scheduleOf(world)).toEqual({
      SecretId: { Ref: expect.stringMatching(/^Secret/) },
      RotationLambdaARN: { 'Fn::GetAtt': [expect.stringMatching(/^RotationFunction/), 'Arn'] },
      RotateImmediatelyOnUpdate: true,
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
  });

  test('cron with a window, and the first rotation when it is due', () => {
    const world = new World();
    const schedule = RotationSchedule.cron({ hour: '3', weekDay: 'SUN', window: Duration.hours(2) });
    world.rotation().rotateSecret('App', world.secret(login), { schedule, rotateImmediately: false });
    expect(scheduleOf(world)).toMatchObject({
      RotateImmediatelyOnUpdate: false,
      RotationRules: { ScheduleExpression: 'cron(0 3 ? * SUN *)', Duration: '2h' },
    });
  });

  test('it comes after all that the first rotation needs', () => {
    const world = new World();
    world.rotation({ vpc: world.vpc }).rotate('Admin', world.database());
    const needs = world.resource('AWS::SecretsManager::RotationSchedule').DependsOn.join(' ');
    for (const each of ['InvokePermission', 'RotationPolicy', 'DatabaseSecurityGroupfrom', 'RotationSecurityGroupto']) {
      expect(needs).toContain(each);
    }
  });
});

describe('the role', () => {
  test('one function for many secrets: exactly these, and only while they name it', () => {
    const world = new World();
    const rotation = world.rotation();
    for (const id of ['One', 'Two']) rotation.rotateSecret(id, world.secret(login, id));
    const imported = Secret.fromSecretNameV2(world.stack, 'Three', 'prod/three');
    rotation.rotateSecret('Three', imported);
    const { Action, Resource, Condition } = world.statements.RotateSecretsOfThisFunction;
    expect(Action).toEqual(singleUser.facts.actions.RotateSecretsOfThisFunction);
    expect(Resource.slice(0, 2)).toEqual([
      { Ref: expect.stringMatching(/^One/) },
      { Ref: expect.stringMatching(/^Two/) },
    ]);
    expect(JSON.stringify(Resource[2])).toContain(':secret:prod/three-??????');
    expect(Condition.StringEquals['secretsmanager:resource/AllowRotationLambdaArn']['Fn::GetAtt'][0]).toMatch(
      /^RotationFunction/,
    );
    expect(Object.keys(world.statements).sort()).toEqual(['RotateSecretsOfThisFunction', 'WriteTheLog']);
  });

  test('keys of the secret and of the master, through Secrets Manager only', () => {
    const world = new World();
    const [own, masters] = [new Key(world.stack, 'Own'), new Key(world.stack, 'Masters')];
    const masterSecret = new Secret(world.stack, 'Master', { encryptionKey: masters });
    const secret = new DatabaseSecret(world.stack, 'App', { username: 'app', encryptionKey: own, masterSecret });
    const target = world.database();
    world.rotation({ template: multiUser, vpc: world.vpc }).rotate('App', target, { secret, masterSecret });
    const { UseTheKeyOfTheSecret, UseTheKeyOfTheMasterSecret, ReadTheMasterSecret } = world.statements;
    const through = {
      StringEquals: {
        'kms:ViaService': {
          'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
        },
      },
    };
    expect(UseTheKeyOfTheSecret).toMatchObject({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Condition: through });
    expect(UseTheKeyOfTheSecret.Resource['Fn::GetAtt'][0]).toMatch(/^Own/);
    expect(UseTheKeyOfTheMasterSecret).toMatchObject({ Action: 'kms:Decrypt', Condition: through });
    expect(UseTheKeyOfTheMasterSecret.Resource['Fn::GetAtt'][0]).toMatch(/^Masters/);
    expect(ReadTheMasterSecret.Resource.Ref).toMatch(/^Master/);
  });
});

describe('the master secret', () => {
  const variables = (world: World) => world.properties('AWS::Lambda::Function').Environment?.Variables ?? {};
  const masterOf = (world: World, id = 'Master') => world.secret({ ...login, username: 'master' }, id);

  test('is told to the function where the secret does not name it', () => {
    const world = new World();
    const masterSecret = masterOf(world);
    world.rotation({ template: multiUser }).rotateSecret('App', world.secret(login), { masterSecret });
    expect(variables(world).MASTER_SECRET_ARN.Ref).toMatch(/^Master/);
  });

  test('is that of the function, for every secret that names none', () => {
    const world = new World();
    const rotation = world.rotation({ template: multiUser, masterSecret: masterOf(world) });
    for (const id of ['One', 'Two']) rotation.rotateSecret(id, world.secret(login, id));
    expect(variables(world).MASTER_SECRET_ARN.Ref).toMatch(/^Master/);
    expect(world.statements.ReadTheMasterSecret.Resource.Ref).toMatch(/^Master/);
  });

  test('that a secret names is readable, and is not told again', () => {
    const world = new World();
    const masterarn = masterOf(world).secretArn;
    world.rotation({ template: multiUser }).rotateSecret('App', world.secret({ ...login, masterarn }));
    expect(variables(world)).not.toHaveProperty('MASTER_SECRET_ARN');
    expect(world.statements.ReadTheMasterSecret.Resource.Ref).toMatch(/^Master/);
  });

  test('that nobody would use is not readable', () => {
    const world = new World();
    const masterarn = masterOf(world).secretArn;
    world.rotation().rotateSecret('App', world.secret({ ...login, masterarn }));
    expect(world.statements).not.toHaveProperty('ReadTheMasterSecret');
  });

  test('may be another for each secret that names it', () => {
    const world = new World();
    const rotation = world.rotation({ template: multiUser });
    for (const id of ['One', 'Two']) {
      const masterSecret = masterOf(world, `Master${id}`);
      rotation.rotateSecret(id, world.secret({ ...login, masterarn: masterSecret.secretArn }, id), { masterSecret });
    }
    expect(world.statements.ReadTheMasterSecret.Resource).toHaveLength(2);
  });

  test('two that nothing names are an error with the remedy', () => {
    const world = new World();
    const rotation = world.rotation({ template: multiUser });
    rotation.rotateSecret('One', world.secret(login, 'One'), { masterSecret: masterOf(world, 'MasterOne') });
    expect(() =>
      rotation.rotateSecret('Two', world.secret(login, 'Two'), { masterSecret: masterOf(world, 'MasterTwo') }),
    ).toThrow(
      "Stack/Two has another master secret than the function's other secrets. Put its ARN into the secret as masterarn, or use a second RotationFunction.",
    );
  });

  test('cannot be the secret itself, attached or not', () => {
    const world = new World();
    const database = world.database();
    const rotation = world.rotation({ template: multiUser, vpc: world.vpc });
    expect(() => rotation.rotate('Admin', database, { masterSecret: database.secret })).toThrow(
      'Stack/Database/Secret/Attachment would be its own master secret. Rotate it by a single-user template, or give the application a user and a secret of its own.',
    );
  });
});

describe('a secret that cannot be rotated is an error at synth: everything at once, each with its remedy', () => {
  const rotating = (value: object, template: RotationTemplate = singleUser) => {
    const world = new World();
    return () => world.rotation({ template }).rotateSecret('App', world.secret(value));
  };

  test('no master secret', () => {
    expect(rotating(login, multiUser)).toThrow(
      'SecretsManagerRDSPostgreSQLRotationMultiUser cannot rotate Stack/Secret:\n- no master secret is known. Give masterSecret, the secret of a user that may make and change users, to rotate() or to the function; or put its ARN into the secret as masterarn.',
    );
  });

  test('no master secret, where the master is to change the password', () => {
    const world = new World();
    const rotation = world.rotation({ passwordChangedBy: 'master' });
    expect(() => rotation.rotateSecret('App', world.secret(login))).toThrow('no master secret is known');
  });

  test('a master secret that nobody would use', () => {
    const world = new World();
    const masterSecret = world.secret(login, 'Master');
    expect(() => world.rotation().rotateSecret('App', world.secret(login), { masterSecret })).toThrow(
      "its user changes its own password. Leave masterSecret out, or set passwordChangedBy: 'master'.",
    );
    const other = new World();
    const rotation = other.rotation({ template: RotationTemplate.iamAccessKey() });
    const options = { masterSecret: other.secret(login, 'Master') };
    expect(() => rotation.rotateSecret('Key', other.secret({}), options)).toThrow(
      'it needs no master secret. Leave masterSecret out.',
    );
  });

  test('another engine: the templates that fit are named', () => {
    expect(rotating({ ...login, engine: 'mysql' })).toThrow(
      '- its engine is mysql, and the template takes postgres, aurora-postgresql. Use RotationTemplate.mysqlMultiCredential() or RotationTemplate.mysqlMultiUser() or RotationTemplate.mysqlSingleUser().',
    );
    expect(rotating({ ...login, engine: 'db2' })).toThrow(
      'No template is for it: extend RotationFunction of @keyturn/core, and give the built file as entry.',
    );
  });

  test('another engine at the target, whatever the secret says', () => {
    const world = new World();
    const mysql = DatabaseInstanceEngine.mysql({ version: MysqlEngineVersion.VER_8_4_5 });
    const rotation = world.rotation({ vpc: world.vpc });
    expect(() => rotation.rotate('Admin', world.database(world.vpc, mysql))).toThrow('its engine is mysql');
  });

  test('two rotations of one secret, before it is attached and after', () => {
    const world = new World();
    const database = world.database();
    const rotation = world.rotation({ vpc: world.vpc });
    rotation.rotate('Admin', database);
    const other = new RotationFunction(world.stack, 'Other', { template: singleUser, vpc: world.vpc });
    expect(() => other.rotate('Admin', database)).toThrow(
      'Stack/Database/Secret/Attachment is rotated already, by Stack/Rotation/Admin/Schedule. Leave one of the two out.',
    );
    const secret = new DatabaseSecret(world.stack, 'App', { username: 'app' });
    rotation.rotate('App', database, { secret });
    expect(() => rotation.rotate('Again', database, { secret })).toThrow('Stack/App is rotated already');
  });

  test('missing keys, all in one message', () => {
    expect(rotating({ engine: 'mariadb' }, multiUser)).toThrow(
      /cannot rotate Stack\/Secret:\n- its engine is mariadb.*\n- it lacks host, username\. Put them into generateSecretString or secretObjectValue, or let rotate\(\) attach it to its database, which adds host\.\n- no master secret/,
    );
  });

  test('what a secret holds by secretObjectValue is seen, too', () => {
    const world = new World();
    const secretObjectValue = { engine: SecretValue.unsafePlainText('mysql'), host: SecretValue.unsafePlainText('db') };
    const secret = new Secret(world.stack, 'Secret', { secretObjectValue });
    expect(() => world.rotation().rotateSecret('App', secret)).toThrow(
      /its engine is mysql.*\n- it lacks username, password\./,
    );
  });

  test('what is not known is not complained of: it is checked when it rotates', () => {
    const world = new World();
    const rotation = world.rotation();
    rotation.rotateSecret('Imported', Secret.fromSecretNameV2(world.stack, 'Imported', 'prod/app'));
    rotation.rotateSecret('Plain', new Secret(world.stack, 'Plain'));
    world.template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
  });
});

test('a target whose port nobody knows gets that of the template', () => {
  const world = new World();
  const target = { connections: new Connections({ securityGroups: [groupIn(world, world.vpc)] }) };
  world.rotation({ vpc: world.vpc }).rotateSecret('App', world.secret(login), { target });
  expect(world.properties('AWS::EC2::SecurityGroupIngress')).toMatchObject({ FromPort: 5432, ToPort: 5432 });
});

test('a target of one’s own code has to say its port', () => {
  const world = new World();
  const target = { connections: new Connections({ securityGroups: [groupIn(world, world.vpc)] }) };
  const rotation = new RotationFunction(world.stack, 'Own', {
    template: RotationTemplate.iamAccessKey(),
    vpc: world.vpc,
  });
  expect(() => rotation.rotateSecret('App', world.secret({}), { target })).toThrow(
    'Stack/Own/App: the port of the target is not known. Give its connections a defaultPort.',
  );
});

function groupIn(world: World, vpc: IVpc): SecurityGroup {
  return new SecurityGroup(world.stack, 'TargetGroup', { vpc });
}
