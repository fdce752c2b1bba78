import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FACTS = 30;

it(`each of the ${FACTS} facts is a test whose name begins with its number`, () => {
  const source = join(import.meta.dirname, '..');
  const named = globSync('**/*.test.ts', { cwd: source }).flatMap((file) =>
    // A name on the line of its `it`, or on the next where the line is too long.
    [...readFileSync(join(source, file), 'utf8').matchAll(/^\s*(?:it.*|\]\)\()?['"`]fact (\d+): /gm)].map(
      ([, number]) => Number(number),
    ),
  );
  const missing = Array.from({ length: FACTS }, (_, index) => index + 1).filter((number) => !named.includes(number));
  expect(missing).toEqual([]);
});
