import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What TypeDoc tells of a declaration. */
interface Declaration {
  readonly name: string;
  readonly flags?: { readonly isOptional?: boolean };
  readonly comment?: Comment;
  readonly children?: readonly Declaration[];
  readonly signatures?: readonly Declaration[];
  readonly getSignature?: Declaration;
  readonly inheritedFrom?: object;
}

interface Comment {
  readonly summary: readonly { readonly text: string }[];
  readonly blockTags?: readonly { readonly tag: string; readonly content: readonly { readonly text: string }[] }[];
}

let folder = '';
let declarations: readonly Declaration[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-cdk-api-'));
  const typedoc = join(import.meta.dirname, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const args = [typedoc, '--out', folder, '--json', join(folder, 'api.json')];
  await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, 'api') });
  declarations = JSON.parse(await readFile(join(folder, 'api.json'), 'utf8')).children;
});
afterAll(() => rm(folder, { recursive: true }));

/** Everything that is exported, with the members that are our own, by its path. */
function* all(of: readonly Declaration[], path = ''): Generator<[path: string, declaration: Declaration]> {
  for (const each of of) {
    if (each.inheritedFrom !== undefined) continue;
    const here = `${path}${each.name}`;
    yield [here, each];
    yield* all(each.children ?? [], `${here}.`);
  }
}

const commentOf = ({ comment, signatures, getSignature }: Declaration) =>
  comment ?? signatures?.[0]?.comment ?? getSignature?.comment;

function lacking(of: readonly Declaration[]): string[] {
  const lacks: string[] = [];
  for (const [path, declaration] of all(of)) {
    const comment = commentOf(declaration);
    const isConstructor = declaration.name === 'constructor';
    if (!isConstructor && !comment?.summary.some(({ text }) => text.trim() !== '')) lacks.push(`${path}: no words`);
    if (declaration.flags?.isOptional !== true) continue;
    const tag = comment?.blockTags?.find((each) => each.tag === '@default');
    if (!tag?.content.some(({ text }) => text.trim() !== '')) lacks.push(`${path}: no @default`);
  }
  return lacks;
}

test('API.md is what the docstrings say: npm run api writes it', async () => {
  expect(await readFile(join(import.meta.dirname, 'API.md'), 'utf8')).toBe(
    await readFile(join(folder, 'API.md'), 'utf8'),
  );
});

test('everything that is exported says what it is, and every option what it is if it is left out', () => {
  expect(declarations.map(({ name }) => name)).toContain('RotationFunctionProps');
  expect(lacking(declarations)).toEqual([]);
});

test('the control: an option without a default, and one without a word, are found', () => {
  const flags = { isOptional: true };
  const comment = { summary: [{ text: 'The name.' }] };
  const children = [
    { name: 'a', flags, comment },
    { name: 'b', flags: {} },
  ];
  expect(lacking([{ name: 'Props', comment, children }])).toEqual(['Props.a: no @default', 'Props.b: no words']);
});
