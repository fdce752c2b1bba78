import { type ErrorCode, remedies } from '@keyturn/core';
import type { Parameter } from './parameter.ts';
import { rolePolicyOnPaper } from './policy-on-paper.ts';
import { descriptionOf, templateParameters } from './sam-template.ts';
import { strategies } from './strategies.ts';
import type { Template } from './template-facts.ts';

/** The text of a template's README.md. */
export function readmeFile(template: Template): string {
  const { name, service, strategy } = template;
  const facts = strategies[strategy];
  return [
    `# ${name}`,
    `${descriptionOf(template)} The whole of it: [${service.title}](../../${service.folder}/README.md), [settings and errors](../../packages/core/README.md).`,
    '## Deploy it',
    deploy(template),
    '## The secret',
    secret(template),
    '## What has to be allowed first',
    template.grants
      .map(({ when, language = 'sql', statements }) => `${when}\n\n${fence(language, statements)}`)
      .join('\n\n'),
    '## What clients see',
    `${template.clients ?? facts.clients}\n\nThe credential before this one works ${facts.previous}.`,
    '## Parameters',
    parameterTables(templateParameters(template)),
    '## The role',
    role(template),
    '## Errors',
    errors(template),
  ]
    .join('\n\n')
    .concat('\n');
}

function deploy(template: Template): string {
  const { name } = template;
  const needed = [
    ...(strategies[template.strategy].master === 'needed' ? ['masterSecretArn=ARN_OF_THE_MASTER_SECRET'] : []),
    ...(template.service.iamUsers ? ['iamUserArns=ARN_OF_THE_USER'] : []),
  ];
  const overrides = ['functionName=rotate-app', ...needed].join(' ');
  return `In a clone, with a bucket of yours in the Region of the function:

${fence('sh', `npm run package -- --bucket BUCKET ${name}`)}

It builds the function, writes \`dist/templates/${name}.yaml\`, and prints the \`aws s3 cp\` lines that upload what the template points to. Run those, then:

${fence(
  'sh',
  `aws cloudformation deploy --stack-name rotate-app --template-file dist/templates/${name}.yaml \\
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \\
  --parameter-overrides ${overrides}
aws cloudformation describe-stacks --stack-name rotate-app --query 'Stacks[0].Outputs'
aws secretsmanager rotate-secret --secret-id app --rotation-lambda-arn ROTATION_LAMBDA_ARN --rotation-rules AutomaticallyAfterDays=30`,
)}

Tags of the stack (\`--tags\`) reach everything in it. The function must reach Secrets Manager and what it rotates: in a VPC, give \`vpcSubnetIds\` and \`vpcSecurityGroupIds\`, and see that the subnets have a NAT gateway or an interface endpoint.`;
}

function secret({ secret: own, service }: Template): string {
  const keys = own ?? service.secret;
  const example = Object.fromEntries(
    keys.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])),
  );
  const rows = keys.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`);
  return `${fence('json', JSON.stringify(example, undefined, 2))}

| key | |
|---|---|
${rows.join('\n')}

A secret that was written for AWS's function works unchanged. Other keys are carried over byte for byte.`;
}

function parameterTables(parameters: readonly Parameter[]): string {
  const groups = Map.groupBy(parameters, ({ group }) => group);
  return [...groups]
    .map(([group, members]) => {
      const rows = members.map(({ name, description, default: byDefault, allowed, variable }) => {
        const values =
          allowed === undefined || allowed.length > 4
            ? ''
            : ` One of ${allowed.filter((value) => value !== '').join(', ')}.`;
        const shown = byDefault === undefined ? 'none' : byDefault === '' ? '' : `\`${byDefault}\``;
        const becomes = variable === undefined ? '' : ` → \`${variable}\``;
        return `| \`${name}\` | ${shown} | ${cell(`${description}${values}${becomes}`)} |`;
      });
      return `**${group}**\n\n| parameter | default | |\n|---|---|---|\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function role(template: Template): string {
  return `The stack makes a role that allows what the function calls, and no more; statements for a VPC, for keys of your own, for a master secret and for GetRandomPassword are there only where a parameter asks for them. With \`roleArn\` you give one of yours. It needs this, besides what Lambda itself needs to write the log and to join a VPC:

${fence('json', JSON.stringify(rolePolicyOnPaper(template), undefined, 2))}

Secrets Manager of this account, and nobody else, may invoke the function.`;
}

function errors({ service, strategy }: Template): string {
  const never = strategies[strategy].neverFailsWith;
  const notes = new Map(service.errors.map(({ code, meaning }) => [code, meaning]));
  const rows = (Object.keys(remedies) as ErrorCode[])
    .filter((code) => !never.includes(code))
    .map(
      (code) => `| \`${code}\` | ${cell([...(notes.has(code) ? [notes.get(code)] : []), remedies[code]].join(' '))} |`,
    );
  return `The function throws, and logs, \`[code] step: what, where, with which credential. What to do.\`

| code | what to do |
|---|---|
${rows.join('\n')}`;
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
