import { needsMaster, type Project } from './project.ts';

/** How the project is tested, deployed and used. */
export function readme(project: Project): string {
  const { name, engine, strategy } = project;
  const what =
    engine === undefined
      ? 'Rotates the credential of a service of your own. `handler.ts` holds what is particular to it: what the secret holds,\nhow the credential changes, and how it is proved.'
      : `Rotates passwords with ${engine.packageName}, strategy ${strategy}.`;
  return `# ${name}

${what}

## Test

\`\`\`sh
npm install
npm run typecheck
${engine === undefined ? 'npm test' : testWithDatabase(project)}
\`\`\`

The test runs whole rotations on a local Secrets Manager, with its rules for versions and staging labels.
${engine === undefined ? 'The service is one that the test stands for: make it behave as yours does.' : 'Without a database it is skipped, and says so.'}

## Deploy

\`\`\`sh
npm run build
sam deploy --guided --capabilities CAPABILITY_IAM${needsMaster(project) ? ' --parameter-overrides MasterSecretArn=ARN' : ''}
aws secretsmanager rotate-secret --secret-id SECRET --rotation-lambda-arn ARN --rotation-rules AutomaticallyAfterDays=30
\`\`\`

ARN is the stack's output RotationFunctionArn. The function may touch only secrets that name it as the one that rotates
them. For a service in a VPC give SubnetIds and SecurityGroupIds; from there Secrets Manager must be reachable too, by a VPC
endpoint or a NAT gateway.

## When a rotation fails

The function's log has one line with \`"message":"step-failed"\`, the error's \`code\`, \`reason\` and \`remedy\`. No secret
stands in it. A failed rotation is retried by Secrets Manager, and any step may be repeated.
`;
}

function testWithDatabase(project: Project): string {
  const url = `${project.engine?.engineValue}://user:password@localhost:${project.engine?.defaultPort}/database`;
  const master = needsMaster(project) ? ` MASTER_DATABASE_URL='${url.replace('user', 'master')}'` : '';
  return `DATABASE_URL='${url}'${master} TLS_CA_FILE=ca.pem npm test`;
}
