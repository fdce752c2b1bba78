import { expect, it } from 'vitest';
import { bundleFile } from '../../testing/keyturn.ts';
import { WrongUsage } from '../errors.ts';
import { readFunctions } from './function-options.ts';

const bundle = "export const handler = () => 'done';";

it('a function is a name and a bundle, whose export is called handler unless it is named', () => {
  const file = bundleFile(bundle, 'built.mjs');
  expect(readFunctions([`a=${file}`, `b=${file}:rotate`], [])).toEqual([
    { name: 'a', file, given: file, handler: 'built.handler', environment: {} },
    { name: 'b', file, given: file, handler: 'built.rotate', environment: {} },
  ]);
});

it('variables are for one function or for all, and the last one wins', () => {
  const file = bundleFile(bundle);
  const functions = readFunctions([`a=${file}`, `b=${file}`], ['a.CA=/x=y', 'LEVEL=1', 'b.LEVEL=2', 'b.EMPTY=']);
  expect(functions.map(({ environment }) => environment)).toEqual([
    { CA: '/x=y', LEVEL: '1' },
    { LEVEL: '2', EMPTY: '' },
  ]);
});

it.each([
  [['a'], 'write NAME=bundle.mjs'],
  [['=FILE'], 'the name takes letters'],
  [['a b=FILE'], 'the name takes letters'],
  [['a=bundle.ts'], 'write NAME=bundle.mjs'],
  [['a=FILE:'], 'write NAME=bundle.mjs'],
  [['a=/absent.mjs'], 'there is no file'],
  [['a=FILE', 'a=FILE'], '--function names a twice.'],
])('%j is refused', (functions, why) => {
  const file = bundleFile(bundle);
  const read = () =>
    readFunctions(
      functions.map((text) => text.replace('FILE', file)),
      [],
    );
  expect(read).toThrow(WrongUsage);
  expect(read).toThrow(why);
});

it.each([
  ['KEY', 'write NAME.KEY=value'],
  ['=x', 'write NAME.KEY=value'],
  ['1KEY=x', 'write NAME.KEY=value'],
  ['b.KEY=x', 'there is no function b; there is a.'],
  ['a.AWS_ACCESS_KEY_ID=x', 'leave it out'],
])('the variable %s is refused', (variable, why) => {
  const file = bundleFile(bundle);
  expect(() => readFunctions([`a=${file}`], [variable])).toThrow(why);
});
