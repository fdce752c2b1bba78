import { RotationFunction, RotationSchedule } from '@keyturn/cdk';
import { type App, Duration, Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * A handler of one's own for the API of a partner, as `npx keyturn init` writes it: built before, and taken as it is.
 * @param entry the built file
 */
export function ownHandler(app: App, entry: string): Stack {
  const stack = new Stack(app, 'OwnHandler');
  const secret = new Secret(stack, 'PartnerApi', {
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ url: 'https://partner.example', username: 'reports' }),
      generateStringKey: 'password',
    },
  });

  const rotation = new RotationFunction(stack, 'Rotation', {
    entry,
    timeout: Duration.seconds(30),
    logRetention: RetentionDays.ONE_YEAR,
    rolePath: '/rotation/',
    permissionsBoundary: ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'developers'),
  });
  // The partner has to be given the first password: until then, nothing is rotated.
  rotation.rotateSecret('PartnerApi', secret, { schedule: RotationSchedule.days(90), rotateImmediately: false });
  rotation.alarmOnErrors();
  return stack;
}
