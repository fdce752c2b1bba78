import { Stack } from 'aws-cdk-lib';
import {
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../testing/bundles.ts';
import { World } from '../testing/world.ts';
import { RotationFunction, RotationTemplate } from './index.ts';

beforeAll(() => build(RotationTemplate.postgresSingleUser(), RotationTemplate.postgresMultiUser()));

const subnetsOf = (world: World) =>
  world
    .properties('AWS::Lambda::Function', 'RotationFunction')
    .VpcConfig.SubnetIds.map(({ Ref }: { Ref: string }) => Ref);

test('without a VPC, the function is in none, and has no right to join one', () => {
  const world = new World();
  world.rotation();
  expect(world.properties('AWS::Lambda::Function').VpcConfig).toBeUndefined();
  expect(Object.keys(world.statements)).toEqual(['WriteTheLog']);
});

test('in a VPC, it stands in private subnets with a way out, and needs no endpoint', () => {
  const world = new World();
  world.rotation({ vpc: world.vpc });
  expect(subnetsOf(world)).toEqual([
    expect.stringMatching(/^VpcPrivateSubnet1/),
    expect.stringMatching(/^VpcPrivateSubnet2/),
  ]);
  world.template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  const { JoinTheVpc, KeepTheCodeFromTheVpc } = world.statements;
  expect(JoinTheVpc.Action).toEqual(KeepTheCodeFromTheVpc.Action);
  expect(KeepTheCodeFromTheVpc.Effect).toBe('Deny');
});

test('its own security group lets HTTPS out, the port of each target, and nothing else', () => {
  const world = new World();
  world.rotation({ vpc: world.vpc }).rotate('Admin', world.database());
  const group = world.properties('AWS::EC2::SecurityGroup', 'Rotation');
  expect(group.SecurityGroupIngress).toBeUndefined();
  expect(group.SecurityGroupEgress).toMatchObject([{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }]);
  const port = { 'Fn::GetAtt': [expect.stringMatching(/^Database/), 'Endpoint.Port'] };
  expect(world.properties('AWS::EC2::SecurityGroupEgress')).toMatchObject({ FromPort: port, ToPort: port });
  expect(world.properties('AWS::EC2::SecurityGroupIngress')).toMatchObject({ FromPort: port, ToPort: port });
});

test('security groups that are given are used, and made ways for', () => {
  const world = new World();
  const group = new SecurityGroup(world.stack, 'Given', { vpc: world.vpc });
  world.rotation({ vpc: world.vpc, securityGroups: [group] }).rotate('Admin', world.database());
  const { SecurityGroupIds } = world.properties('AWS::Lambda::Function').VpcConfig;
  expect(SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Given/), 'GroupId'] }]);
  const { SourceSecurityGroupId } = world.properties('AWS::EC2::SecurityGroupIngress');
  expect([SourceSecurityGroupId]).toEqual(SecurityGroupIds);
});

describe('from subnets that lead nowhere', () => {
  test('an endpoint for Secrets Manager is made, and a second function uses it too', () => {
    const world = new World();
    const vpc = world.isolatedVpc();
    const template = RotationTemplate.postgresSingleUser();
    const one = new RotationFunction(world.stack, 'One', { template, vpc });
    new RotationFunction(world.stack, 'Two', { template, vpc });
    one.rotate('Admin', world.database(vpc));
    const endpoint = world.resource('AWS::EC2::VPCEndpoint');
    expect(JSON.stringify(endpoint.Properties.ServiceName)).toContain('.secretsmanager');
    expect(endpoint.Properties).toMatchObject({ VpcEndpointType: 'Interface', PrivateDnsEnabled: true });
    const rules = Object.values(world.template.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(rules.filter(({ Properties }) => Properties.ToPort === 443)).toHaveLength(2);
    const [id] = Object.keys(world.template.findResources('AWS::EC2::VPCEndpoint'));
    expect(world.resource('AWS::SecretsManager::RotationSchedule').DependsOn).toContain(id);
  });

  test('one that the VPC has already is used', () => {
    const world = new World();
    const vpc = world.isolatedVpc();
    vpc.addInterfaceEndpoint('Theirs', { service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER });
    world.rotation({ vpc });
    expect(Object.keys(world.template.findResources('AWS::EC2::VPCEndpoint'))).toEqual([
      expect.stringMatching(/^IsolatedVpcTheirs/),
    ]);
  });

  test('one of another service, or of another VPC, is none', () => {
    const world = new World();
    const vpc = world.isolatedVpc();
    vpc.addInterfaceEndpoint('Sqs', { service: InterfaceVpcEndpointAwsService.SQS });
    world.vpc.addInterfaceEndpoint('Other', { service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER });
    world.rotation({ vpc });
    expect(Object.keys(world.template.findResources('AWS::EC2::VPCEndpoint'))).toContainEqual(
      expect.stringMatching(/^RotationEndpointsecretsmanager/),
    );
  });

  test('one that is imported is used when it is given', () => {
    const world = new World();
    const securityGroups = [SecurityGroup.fromSecurityGroupId(world.stack, 'OfEndpoint', 'sg-0123')];
    const secretsManagerEndpoint = InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(world.stack, 'Imported', {
      vpcEndpointId: 'vpce-1',
      port: 443,
      securityGroups,
    });
    world.rotation({ vpc: world.isolatedVpc(), secretsManagerEndpoint });
    world.template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    expect(world.properties('AWS::EC2::SecurityGroupIngress')).toMatchObject({ GroupId: 'sg-0123', FromPort: 443 });
  });

  test('a master that does not say where its server is needs a way to Amazon RDS, unless told where it is', () => {
    const endpointsFor = (masterHost?: string) => {
      const world = new World();
      const vpc = world.isolatedVpc();
      const masterSecret = Secret.fromSecretCompleteArn(
        world.stack,
        'Master',
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-abcdef',
      );
      const rotation = world.rotation({
        template: RotationTemplate.postgresMultiUser(),
        vpc,
        masterSecret,
        masterHost,
      });
      rotation.rotate('App', world.database(vpc), { secret: world.secret({ username: 'app' }) });
      return Object.values(world.template.findResources('AWS::EC2::VPCEndpoint'))
        .map(({ Properties }) => Properties.ServiceName['Fn::Join'][1].at(-1))
        .sort();
    };
    expect(endpointsFor()).toEqual(['.rds', '.secretsmanager']);
    expect(endpointsFor('db.example')).toEqual(['.secretsmanager']);
  });
});

test('subnets that are given are used; a public one gets an endpoint, for a function has no address of its own', () => {
  const world = new World();
  world.rotation({ vpc: world.vpc, vpcSubnets: { subnetType: SubnetType.PUBLIC } });
  expect(subnetsOf(world)[0]).toMatch(/^VpcPublicSubnet1/);
  world.template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
});

test('a target in another stack is opened from the function’s stack', () => {
  const world = new World();
  const database = world.database();
  const other = new Stack(world.app, 'Other');
  const rotation = new RotationFunction(other, 'Rotation', {
    template: RotationTemplate.postgresSingleUser(),
    vpc: world.vpc,
  });
  rotation.rotate('Admin', database);
  expect(() => world.app.synth()).not.toThrow();
  world.template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
});

test.each<[string, (world: World) => unknown, string]>([
  [
    'only public subnets',
    (world) => {
      const subnetConfiguration = [{ name: 'public', subnetType: SubnetType.PUBLIC }];
      return world.rotation({ vpc: new Vpc(world.stack, 'Public', { natGateways: 0, subnetConfiguration }) });
    },
    'The VPC Stack/Public has only public subnets, and a function in one reaches nothing outside the VPC. Give it private or isolated subnets, or name others with vpcSubnets.',
  ],
  [
    'subnets without a VPC',
    (world) => world.rotation({ vpcSubnets: { subnetType: SubnetType.PUBLIC } }),
    'vpcSubnets means nothing without vpc: give the VPC too.',
  ],
  [
    'a target in a VPC, and a function in none',
    (world) => world.rotation().rotate('Admin', world.database()),
    'Stack/Rotation/Admin: the function is in no VPC, and the target is in one. Give vpc to the function; for a target that the internet reaches, use rotateSecret().',
  ],
])('%s: an error with the remedy', (_what, make, message) => {
  expect(() => make(new World())).toThrow(message);
});
