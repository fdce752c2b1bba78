import { parseArgs } from 'node:util';
import { play } from './play.ts';

const usage = `Rotates secrets of a real PostgreSQL while a client keeps logging in: one user, then two that take turns.

  npm start              show it
  npm start -- --json    the counts and the promises as JSON

Exit code: 0 if every promise that it shows held, 1 if one did not, 2 for a wrong option.
`;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } });
  if (values.help) process.stdout.write(usage);
  else {
    const say = values.json ? () => undefined : (line: string) => void process.stdout.write(`${line}\n`);
    const result = await play(say);
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = result.promises.every(({ held }) => held) ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const wrongOption = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  process.stderr.write(wrongOption ? `${error.message}\n\n${usage}` : `${error.stack}\n`);
  process.exitCode = wrongOption ? 2 : 1;
}
