// Runs on Lambda as it stands here, with the SDK that the runtime brings. It makes metrics of what Secrets Manager tells
// of rotations, and of what DescribeSecret says of their dates.
const { DescribeSecretCommand, SecretsManagerClient } = require('@aws-sdk/client-secrets-manager');

const { ROTATION_FUNCTION: RotationFunction = '', TOLERANCE_HOURS = '24' } = process.env;
const client = new SecretsManagerClient({});

/** Either an event of Secrets Manager, or secrets to look at. */
exports.handler = async ({ detail, secretIds = [] }) => {
  if (detail !== undefined) return write({ [detail.eventName]: 1 }, { secretId: detail.additionalEventData?.SecretId });
  let overdue = 0;
  for (const secretId of secretIds) {
    const reason = await whyOverdue(secretId);
    if (reason === undefined) continue;
    overdue += 1;
    line({ level: 'WARN', message: 'rotation-overdue', secretId, reason });
  }
  write({ OverdueRotations: overdue });
};

async function whyOverdue(SecretId) {
  try {
    const { RotationEnabled, NextRotationDate } = await client.send(new DescribeSecretCommand({ SecretId }));
    if (RotationEnabled !== true) return 'rotation is off';
    const hours = (Date.now() - (NextRotationDate?.getTime() ?? Number.POSITIVE_INFINITY)) / 3_600_000;
    return hours > Number(TOLERANCE_HOURS) ? `was to be rotated before ${NextRotationDate.toISOString()}` : undefined;
  } catch (error) {
    // Whether it is overdue is not known, and somebody should look.
    return `cannot be described: ${error.name}`;
  }
}

/** CloudWatch's embedded metric format. Not by console.log, to which Lambda adds words of its own. */
function write(metrics, properties = {}) {
  const Metrics = Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' }));
  const CloudWatchMetrics = [{ Namespace: 'Keyturn', Dimensions: [['RotationFunction']], Metrics }];
  line({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, RotationFunction, ...metrics, ...properties });
}

function line(entry) {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}
