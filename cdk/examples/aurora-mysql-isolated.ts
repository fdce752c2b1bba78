import { RotationFunction, RotationSchedule, RotationTemplate } from '@keyturn/cdk';
import { type App, Duration, Stack } from 'aws-cdk-lib';
import { FlowLogDestination, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  AuroraMysqlEngineVersion,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseSecret,
} from 'aws-cdk-lib/aws-rds';

/**
 * Aurora MySQL in subnets that lead nowhere: the application's two users take turns, so that no client ever fails, and the
 * master, which makes them equal, is rotated too. A key of one's own encrypts both secrets.
 */
export function auroraMysqlIsolated(app: App): Stack {
  const stack = new Stack(app, 'AuroraMysqlIsolated');
  const key = new Key(stack, 'Key', { enableKeyRotation: true });
  const vpc = new Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED }],
    flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs() } },
  });
  const cluster = new DatabaseCluster(stack, 'Cluster', {
    engine: DatabaseClusterEngine.auroraMysql({ version: AuroraMysqlEngineVersion.VER_3_10_0 }),
    writer: ClusterInstance.serverlessV2('writer'),
    readers: [ClusterInstance.serverlessV2('reader', { scaleWithWriter: true })],
    credentials: { username: 'admin', encryptionKey: key },
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    port: 13306,
    storageEncrypted: true,
    deletionProtection: true,
    iamAuthentication: true,
    backtrackWindow: Duration.hours(24),
    backup: { retention: Duration.days(7) },
  });
  const { secret: masterSecret } = cluster;
  if (masterSecret === undefined) throw new Error('the cluster was given no secret');
  const applicationSecret = new DatabaseSecret(stack, 'ApplicationSecret', {
    username: 'shop',
    masterSecret,
    encryptionKey: key,
  });

  const weekly = RotationSchedule.rate(Duration.days(7), { window: Duration.hours(3) });
  const alternating = new RotationFunction(stack, 'AlternatingUsers', {
    template: RotationTemplate.mysqlMultiUser(),
    gracePeriod: Duration.days(1),
    vpc,
  });
  // The user "shop" is made in the database by hand or by a migration: the first rotation comes when it is there.
  alternating.rotate('Application', cluster, {
    secret: applicationSecret,
    masterSecret,
    schedule: weekly,
    rotateImmediately: false,
  });
  const singleUser = new RotationFunction(stack, 'SingleUser', { template: RotationTemplate.mysqlSingleUser(), vpc });
  singleUser.rotate('Master', cluster, { schedule: weekly });
  for (const rotation of [alternating, singleUser]) rotation.alarmOnOverdueRotations();
  return stack;
}
