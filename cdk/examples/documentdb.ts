import { RotationFunction, RotationSchedule, RotationTemplate } from '@keyturn/cdk';
import { type App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { DatabaseCluster } from 'aws-cdk-lib/aws-docdb';
import { FlowLogDestination, InstanceClass, InstanceSize, InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';

/** A DocumentDB cluster, whose administrator's password changes every 30 days. */
export function documentDb(app: App): Stack {
  const stack = new Stack(app, 'DocumentDb');
  const vpc = new Vpc(stack, 'Vpc', {
    maxAzs: 2,
    flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs() } },
  });
  const cluster = new DatabaseCluster(stack, 'Cluster', {
    masterUser: { username: 'keeper' },
    instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.MEDIUM),
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    port: 37017,
    storageEncrypted: true,
    deletionProtection: true,
    exportAuditLogsToCloudWatch: true,
    exportProfilerLogsToCloudWatch: true,
    backup: { retention: Duration.days(7) },
  });
  // What a checker cannot know: the user's name and password come from the secret, and are there when it is deployed; and
  // the audit log that is exported holds these three kinds of events.
  const acknowledge = (id: string, reason: string) => Validations.of(cluster).acknowledge({ id, reason });
  acknowledge('AwsSolutions-DOC3', 'The name is a reference into the secret: "keeper", which is none of the defaults.');
  for (const event of ['authenticate', 'createIndex', 'dropCollection']) {
    acknowledge(`AwsSolutions-DOC5[LogExport::${event}]`, 'The log "audit" is exported, which holds these events.');
  }

  const rotation = new RotationFunction(stack, 'Rotation', { template: RotationTemplate.documentdbSingleUser(), vpc });
  rotation.rotate('Administrator', cluster, { schedule: RotationSchedule.days(30) });
  rotation.alarmOnErrors();
  return stack;
}
