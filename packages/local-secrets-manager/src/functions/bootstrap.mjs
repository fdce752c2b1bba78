// Runs a function's bundle as Lambda does: asks the Runtime API for invocations, one after the other.
// Usage: node bootstrap.mjs <bundle.mjs>, with Lambda's environment variables. Plain JavaScript for Node 22 and 24.
import { Agent, request } from 'node:http';
import { pathToFileURL } from 'node:url';

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let currentRequestId;

process.env.AWS_EXECUTION_ENV ??= `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`;

process.on('uncaughtException', (error) => crash('Runtime.UncaughtException', error, 129));
process.on('unhandledRejection', (error) => crash('Runtime.UnhandledPromiseRejection', error, 128));

const handler = await loadHandler();
for (;;) await serveNext();

async function loadHandler() {
  const name = process.env._HANDLER ?? '';
  const exportName = name.slice(name.indexOf('.', name.lastIndexOf('/') + 1) + 1);
  try {
    const bundle = await import(pathToFileURL(process.argv[2]).href);
    const found = bundle[exportName] ?? bundle.default?.[exportName];
    if (typeof found !== 'function') {
      throw Object.assign(new Error(`${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
    }
    return found;
  } catch (error) {
    await call('POST', 'init/error', describe(error, initErrorType(error)));
    process.exit(1);
  }
}

function initErrorType(error) {
  if (error?.code === 'ERR_MODULE_NOT_FOUND') return 'Runtime.ImportModuleError';
  if (error instanceof SyntaxError) return 'Runtime.UserCodeSyntaxError';
  return undefined;
}

async function serveNext() {
  const { headers, body } = await call('GET', 'invocation/next');
  const awsRequestId = headers['lambda-runtime-aws-request-id'];
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  currentRequestId = awsRequestId;
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  const context = {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  let path = 'response';
  let answer;
  try {
    answer = JSON.stringify((await handler(JSON.parse(body), context)) ?? null);
  } catch (error) {
    path = 'error';
    answer = describe(error);
  }
  currentRequestId = undefined;
  await call('POST', `invocation/${awsRequestId}/${path}`, answer);
}

async function crash(errorType, error, exitCode) {
  const path = currentRequestId === undefined ? 'init/error' : `invocation/${currentRequestId}/error`;
  const answer = describe(error);
  const { errorType: reason, errorMessage } = JSON.parse(answer);
  await call(
    'POST',
    path,
    JSON.stringify({ ...JSON.parse(answer), errorType, errorMessage: `${reason}: ${errorMessage}` }),
  );
  process.exit(exitCode);
}

function describe(error, errorType) {
  const isError = error instanceof Error;
  return JSON.stringify({
    errorType: errorType ?? (isError ? error.name : typeof error),
    errorMessage: isError ? error.message : String(error),
    trace: isError ? String(error.stack).split('\n') : [],
  });
}

function call(method, path, body) {
  return new Promise((resolve) => {
    // Nobody is there to run for any more: the service has ended.
    const orphaned = () => process.exit(1);
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/${path}` };
    const sent = request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on('error', orphaned);
    });
    sent.on('error', orphaned);
    sent.end(body);
  });
}
