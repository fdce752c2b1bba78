import type { NamedFunction } from './function-options.ts';

/** What the start-up lines tell. */
export interface StartUp {
  readonly url: string;
  readonly region: string;
  /** The functions with the ARNs they were registered under. */
  readonly functions: readonly (NamedFunction & { readonly arn: string })[];
  /** The folder that holds everything; absent: nothing outlives the process. */
  readonly data: string | undefined;
  /** The address of the network that can reach it; absent: this machine alone. */
  readonly exposedAt: string | undefined;
}

/** What a person reads first: where it is, what runs there, and commands to paste. */
export function startUpText({ url, region, functions, data, exposedAt }: StartUp): string {
  const aws = `aws --endpoint-url ${url} --region ${region} secretsmanager`;
  const [first] = functions;
  const rotate =
    first === undefined
      ? []
      : [`  ${aws} rotate-secret --secret-id demo/app \\`, `    --rotation-lambda-arn ${first.arn}`];
  return [
    "Keyturn's local Secrets Manager is up.",
    '',
    `  Address    ${url}   (AWS JSON 1.1, region ${region})`,
    `  Page       ${url}/`,
    `  Data       ${data ?? 'in memory, gone when this ends; keep it with --data DIR'}`,
    ...functionLines(functions),
    ...(exposedAt === undefined
      ? []
      : [
          '',
          `  WARNING    Everyone who reaches ${exposedAt} can read and change every secret here, without a password.`,
        ]),
    '',
    'In another terminal (any credentials will do):',
    '',
    '  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
    `  ${aws} create-secret --name demo/app \\`,
    `    --secret-string '{"username":"app","password":"first"}'`,
    `  ${aws} get-secret-value --secret-id demo/app`,
    ...rotate,
    '',
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}

function functionLines(functions: StartUp['functions']): string[] {
  if (functions.length === 0) return ['  Functions  none; give one with --function NAME=bundle.mjs'];
  return functions.map(({ name, given, arn }, index) => {
    return `  ${index === 0 ? 'Functions' : '         '}  ${name}   ${given}\n             ${arn}`;
  });
}
