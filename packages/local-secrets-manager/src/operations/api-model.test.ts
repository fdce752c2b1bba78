import { describe, expect, it } from 'vitest';
import { apiModel, breaches, validInput } from '../../testing/api-model.ts';
import { rawCaller, service, token } from '../../testing/service.ts';
import { operations } from './table.ts';

// It is AWS's own file, read where it lies beside the repository and never copied into it.
const absent = 'the API model does not lie beside the repository';

describe.skipIf(apiModel === undefined)(`the API model (else skipped: ${absent})`, () => {
  const model = apiModel ?? { operations: {}, shapes: {} };
  const names = Object.keys(model.operations);

  it('every operation of the model is answered, and no other', () => {
    expect([...operations.keys()].sort()).toEqual(names.sort());
  });

  it.each(names)('%s: every constraint of every member is checked', async (name) => {
    const call = rawCaller(service());
    // The secret that the valid inputs name: without it, a check that comes late would not be reached.
    await call('CreateSecret', { Name: 'a', SecretString: 'S0', ClientRequestToken: token() });
    const unchecked: string[] = [];
    for (const { place, constraint, input } of breaches(model, name)) {
      const { status, body } = await call(name, input);
      if (!refuses(place, constraint, status, body))
        unchecked.push(`${place}: ${constraint} (${body.__type ?? status})`);
    }
    expect(unchecked).toEqual([]);
  });

  it.each(names)('control: %s with nothing broken is not refused for a constraint', async (name) => {
    const { body } = await rawCaller(service())(name, validInput(model, name));
    expect(['ValidationException', 'SerializationException']).not.toContain(body.__type);
  });

  it('the walk finds a few hundred constraints', () => {
    expect(names.flatMap((name) => breaches(model, name)).length).toBeGreaterThan(250);
  });
});

// The token's own check comes after those of the model, with a type of its own, as recorded (fact 8).
function refuses(place: string, constraint: string, status: number, body: Record<string, unknown>): boolean {
  if (status !== 400) return false;
  if (constraint === 'type') return body.__type === 'SerializationException';
  if (place === 'clientRequestToken') return body.__type === 'InvalidParameterException';
  return body.__type === 'ValidationException' && String(body.message).includes(`at '${place}'`);
}
