import { RotationFunction, RotationSchedule, RotationTemplate } from '@keyturn/cdk';
import { type App, Duration, Stack } from 'aws-cdk-lib';
import { FlowLogDestination, InstanceClass, InstanceSize, InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DatabaseInstance, DatabaseInstanceEngine, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { Topic } from 'aws-cdk-lib/aws-sns';

/** PostgreSQL on RDS, whose user's password changes in place every Sunday night; somebody is told when it does not. */
export function rdsPostgres(app: App): Stack {
  const stack = new Stack(app, 'RdsPostgres');
  const vpc = new Vpc(stack, 'Vpc', {
    maxAzs: 2,
    flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs() } },
  });
  const database = new DatabaseInstance(stack, 'Database', {
    engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 }),
    instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.MEDIUM),
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    port: 15432,
    multiAz: true,
    storageEncrypted: true,
    deletionProtection: true,
  });
  const onCall = new Topic(stack, 'OnCall', { enforceSSL: true });

  const rotation = new RotationFunction(stack, 'Rotation', { template: RotationTemplate.postgresSingleUser(), vpc });
  rotation.rotate('Admin', database, {
    schedule: RotationSchedule.cron({ weekDay: 'SUN', hour: '3', window: Duration.hours(2) }),
  });
  rotation.alarmOnErrors({ topic: onCall });
  rotation.alarmOnFailedRotations({ topic: onCall });
  rotation.alarmOnOverdueRotations({ topic: onCall });
  rotation.addDashboard();
  return stack;
}
