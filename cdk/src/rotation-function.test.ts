import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { beforeAll, expect, test } from 'vitest';
import { build } from '../testing/bundles.ts';
import { World } from '../testing/world.ts';
import { type RotationFunctionProps, RotationTemplate } from './index.ts';

beforeAll(() =>
  build(RotationTemplate.postgresSingleUser(), RotationTemplate.postgresMultiUser(), RotationTemplate.iamAccessKey()),
);

const multiUser = RotationTemplate.postgresMultiUser();
const functionOf = (world: World) => world.properties('AWS::Lambda::Function', 'Rotation');

test('without options: the newest runtime, arm64, a role and a log of its own, nothing in the environment', () => {
  const world = new World();
  const rotation: IFunction = world.rotation();
  expect(rotation.role).toBeInstanceOf(Role);
  expect(functionOf(world)).toEqual({
    Architectures: ['arm64'],
    Code: { S3Bucket: expect.anything(), S3Key: expect.stringMatching(/^[0-9a-f]{64}\.zip$/) },
    Description: RotationTemplate.postgresSingleUser().facts.description,
    Handler: 'index.handler',
    LoggingConfig: { LogGroup: { Ref: expect.stringMatching(/^RotationLogGroup/) } },
    MemorySize: 256,
    Role: { 'Fn::GetAtt': [expect.stringMatching(/^RotationRole/), 'Arn'] },
    Runtime: 'nodejs24.x',
    Timeout: 60,
  });
  expect(world.resource('AWS::Logs::LogGroup')).toMatchObject({
    Properties: { RetentionInDays: 90 },
    DeletionPolicy: 'Retain',
  });
  expect(world.properties('AWS::IAM::Role')).not.toHaveProperty('ManagedPolicyArns');
});

test('only Secrets Manager of the same account may invoke it', () => {
  const world = new World();
  world.rotation();
  expect(world.properties('AWS::Lambda::Permission')).toEqual({
    Action: 'lambda:InvokeFunction',
    FunctionName: { 'Fn::GetAtt': [expect.stringMatching(/^RotationFunction/), 'Arn'] },
    Principal: 'secretsmanager.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
  });
});

/** Every option that becomes an environment variable. */
const options: readonly (readonly [keyof RotationFunctionProps, RotationFunctionProps, Record<string, string>])[] = [
  ['passwordLength', { passwordLength: 40 }, { PASSWORD_LENGTH: '40' }],
  ['excludeCharacters', { excludeCharacters: '"\\' }, { EXCLUDE_CHARACTERS: '"\\' }],
  ['excludeNumbers', { excludeNumbers: true }, { EXCLUDE_NUMBERS: 'true' }],
  ['excludePunctuation', { excludePunctuation: true }, { EXCLUDE_PUNCTUATION: 'true' }],
  ['excludeUppercase', { excludeUppercase: true }, { EXCLUDE_UPPERCASE: 'true' }],
  ['excludeLowercase', { excludeLowercase: false }, { EXCLUDE_LOWERCASE: 'false' }],
  ['includeSpace', { includeSpace: true }, { INCLUDE_SPACE: 'true' }],
  ['requireEachIncludedType', { requireEachIncludedType: false }, { REQUIRE_EACH_INCLUDED_TYPE: 'false' }],
  ['passwordSource', { passwordSource: 'get-random-password' }, { PASSWORD_SOURCE: 'get-random-password' }],
  ['twinSuffix', { twinSuffix: '_b', template: multiUser }, { TWIN_SUFFIX: '_b' }],
  ['usernameCharacterLimit', { usernameCharacterLimit: 20 }, { USERNAME_CHARACTER_LIMIT: '20' }],
  ['gracePeriod', { gracePeriod: Duration.hours(2), template: multiUser }, { GRACE_PERIOD_MINUTES: '120' }],
  ['propagationWait', { propagationWait: Duration.seconds(9) }, { PROPAGATION_WAIT_MS: '9000' }],
  ['consistencyWait', { consistencyWait: Duration.millis(500) }, { CONSISTENCY_WAIT_MS: '500' }],
  ['failedLoginLimit', { failedLoginLimit: 1 }, { FAILED_LOGIN_LIMIT: '1' }],
  ['connectTimeout', { connectTimeout: Duration.seconds(2) }, { CONNECT_TIMEOUT_MS: '2000' }],
  ['tlsCaPem', { tlsCaPem: '-----BEGIN' }, { TLS_CA_PEM: '-----BEGIN' }],
  ['masterHost', { masterHost: 'db.example', template: multiUser }, { MASTER_HOST: 'db.example' }],
  ['masterPort', { masterPort: 5433, template: multiUser }, { MASTER_PORT: '5433' }],
  [
    'sameService',
    {
      sameService: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    { SAME_SERVICE: 'a=b;c=d' },
  ],
  ['logLevel', { logLevel: 'ERROR' }, { POWERTOOLS_LOG_LEVEL: 'ERROR' }],
  ['endpoint', { endpoint: 'https://vpce.example' }, { SECRETS_MANAGER_ENDPOINT: 'https://vpce.example' }],
  ['environment', { environment: { MORE: 'x' } }, { MORE: 'x' }],
  ['passwordChangedBy', { passwordChangedBy: 'user' }, { PASSWORD_CHANGED_BY: 'user' }],
];

test.each(options)('%s becomes a variable', (_option, props, variables) => {
  const world = new World();
  world.rotation(props);
  expect(functionOf(world).Environment.Variables).toEqual(variables);
});

test('an option that the template does not know is an error; all of them are named', () => {
  expect(() => new World().rotation({ twinSuffix: '_b', gracePeriod: Duration.days(1) })).toThrow(
    'twinSuffix, gracePeriod: SecretsManagerRDSPostgreSQLRotationSingleUser has no such option. Leave it out.',
  );
});

test('what Lambda has options for is passed on', () => {
  const world = new World();
  const environmentEncryption = new Key(world.stack, 'Key');
  world.rotation({
    functionName: 'rotator',
    description: 'mine',
    runtime: Runtime.NODEJS_22_X,
    architecture: Architecture.X86_64,
    memorySize: 512,
    timeout: Duration.minutes(2),
    reservedConcurrentExecutions: 3,
    environmentEncryption,
  });
  expect(functionOf(world)).toMatchObject({
    FunctionName: 'rotator',
    Description: 'mine',
    Runtime: 'nodejs22.x',
    Architectures: ['x86_64'],
    MemorySize: 512,
    Timeout: 120,
    ReservedConcurrentExecutions: 3,
    KmsKeyArn: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
  });
});

test('any runtime that runs the templates may be chosen, also one that is newer than this library', () => {
  const world = new World();
  world.rotation({ runtime: new Runtime('nodejs26.x') });
  expect(functionOf(world).Runtime).toBe('nodejs26.x');
  expect(() => new World().rotation({ runtime: new Runtime('nodejs20.x') })).toThrow(
    'runtime: nodejs20.x does not run the templates. They need Node.js 22 or later.',
  );
});

test('tracing: the function is traced, and may send traces', () => {
  const world = new World();
  world.rotation({ tracing: Tracing.ACTIVE });
  expect(functionOf(world).TracingConfig).toEqual({ Mode: 'Active' });
  expect(world.statements.SendTraces.Action).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
});

test('the role has a path and a boundary; the monitor’s too', () => {
  const world = new World();
  const permissionsBoundary = ManagedPolicy.fromManagedPolicyName(world.stack, 'Boundary', 'developers');
  const rotation = world.rotation({ rolePath: '/rotation/', permissionsBoundary });
  rotation.rotateSecret('App', world.secret({ username: 'app', host: 'db' }));
  rotation.alarmOnOverdueRotations();
  const roles = Object.values(world.template.findResources('AWS::IAM::Role'));
  expect(roles).toHaveLength(2);
  for (const { Properties } of roles) {
    expect(Properties.Path).toBe('/rotation/');
    expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(':policy/developers');
  }
});

test('a role that is given gets what it lacks, before the function is there', () => {
  const world = new World();
  const role = new Role(world.stack, 'Given', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const rotation = world.rotation({ role });
  rotation.rotateSecret('App', world.secret({ username: 'app', host: 'db' }));
  expect(rotation.role).toBe(role);
  world.template.resourceCountIs('AWS::IAM::Role', 1);
  expect(Object.keys(world.statements).sort()).toEqual(['RotateSecretsOfThisFunction', 'WriteTheLog']);
  expect(world.resource('AWS::Lambda::Function').DependsOn).toContainEqual(
    expect.stringMatching(/^RotationLambdaPolicy/),
  );
});

test('a log group that is given is used; the own one has a retention and a key', () => {
  const world = new World();
  const logGroup = new LogGroup(world.stack, 'Given');
  world.rotation({ logGroup });
  expect(functionOf(world).LoggingConfig.LogGroup.Ref).toMatch(/^Given/);
  expect(world.statements.WriteTheLog.Resource['Fn::GetAtt'][0]).toMatch(/^Given/);
  const other = new World();
  other.rotation({ logRetention: RetentionDays.ONE_WEEK, logEncryptionKey: new Key(other.stack, 'Key') });
  expect(other.properties('AWS::Logs::LogGroup')).toMatchObject({ RetentionInDays: 7, KmsKeyId: expect.anything() });
});

test('rights for GetRandomPassword and for IAM users come with the options that need them', () => {
  const world = new World();
  world.rotation({ passwordSource: 'get-random-password' });
  expect(world.statements.MakePasswords).toMatchObject({ Action: 'secretsmanager:GetRandomPassword', Resource: '*' });
  const other = new World();
  other.rotation({ template: RotationTemplate.iamAccessKey(), iamUsers: [new User(other.stack, 'Robot')] });
  const { Action, Resource } = other.statements.RotateTheKeysOfTheseUsers;
  expect(Action).toContain('iam:CreateAccessKey');
  expect(Resource['Fn::GetAtt'][0]).toMatch(/^Robot/);
});

test('IAM users of a template that rotates no keys are an error', () => {
  const world = new World();
  expect(() => world.rotation({ iamUsers: [new User(world.stack, 'Robot')] })).toThrow(
    'iamUsers: the template rotates no access keys. Leave it out.',
  );
});

test('as an IFunction it grants, measures, and takes variables and rights', () => {
  const world = new World();
  const rotation = world.rotation().addEnvironment('A', 'b');
  rotation.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: ['*'] }));
  rotation.grantInvoke(new ServicePrincipal('events.amazonaws.com'));
  expect(rotation.metricErrors().metricName).toBe('Errors');
  expect(rotation.isBoundToVpc).toBe(false);
  expect(functionOf(world).Environment.Variables).toEqual({ A: 'b' });
  expect(JSON.stringify(world.template.findResources('AWS::IAM::Policy'))).toContain('sqs:SendMessage');
  const principals = Object.values(world.template.findResources('AWS::Lambda::Permission')).map(
    ({ Properties }) => Properties.Principal,
  );
  expect(principals.sort()).toEqual(['events.amazonaws.com', 'secretsmanager.amazonaws.com']);
});
