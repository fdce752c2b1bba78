import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RawCall, rawCaller } from '../../testing/service.ts';
import { type LabelRules, LocalSecretsManager } from '../index.ts';
import { attach, detach, holderOf, labelRules } from './labels.ts';

// Few of each, so that sequences meet the same version and label again and again.
const ids = Array.from({ length: 5 }, (_, index) => `version-${index}`.padEnd(32, '.'));
const labelNames = ['AWSCURRENT', 'AWSPENDING', 'BLUE', 'GREEN'];

type Command =
  | { do: 'put'; id: string; value: string; labels: string[] | undefined }
  | { do: 'update'; id: string; value: string }
  | { do: 'move'; label: string; from: string | undefined; to: string | undefined }
  | { do: 'move-right'; label: string; to: string | undefined }
  | { do: 'rotate'; id: string }
  | { do: 'cancel' }
  | { do: 'get'; id: string | undefined; label: string | undefined };

const id = fc.constantFrom(...ids);
const label = fc.constantFrom(...labelNames);
const value = fc.constantFrom('one', 'two');
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    id,
    value,
    labels: maybe(fc.uniqueArray(label, { minLength: 1, maxLength: 3 })),
  }),
  fc.record({ do: fc.constant('update' as const), id, value }),
  fc.record({ do: fc.constant('move' as const), label, from: maybe(id), to: maybe(id) }),
  fc.record({ do: fc.constant('move-right' as const), label, to: maybe(id) }),
  fc.record({ do: fc.constant('rotate' as const), id }),
  fc.record({ do: fc.constant('cancel' as const) }),
  fc.record({ do: fc.constant('get' as const), id: maybe(id), label: maybe(label) }),
);

/** The rules once more, written independently: one holder for each label, one value for each version. */
class Model {
  readonly values = new Map<string, string | undefined>();
  readonly holder = new Map<string, string>();
  rotating: string | undefined;
  configured = false;
  enabled = false;
  lastStarted: string | undefined;

  apply(each: Exclude<Command, { do: 'move-right' }>): string {
    switch (each.do) {
      case 'put':
        return this.put(each.id, each.value, each.labels ?? ['AWSCURRENT']);
      case 'update':
        return this.values.has(each.id) ? 'ResourceExistsException' : this.put(each.id, each.value, ['AWSCURRENT']);
      case 'move':
        return this.move(each.label, each.from, each.to);
      case 'rotate':
        return this.rotate(each.id);
      case 'cancel':
        if (!this.configured) return 'InvalidRequestException';
        this.rotating = undefined;
        this.enabled = false;
        return 'ok';
      case 'get':
        return this.get(each.id, each.label);
    }
  }

  put(version: string, text: string, labels: string[]): string {
    const known = this.values.get(version);
    if (known !== undefined) return known === text ? 'ok' : 'ResourceExistsException';
    const isNew = !this.values.has(version);
    const isFirst = isNew && [...this.values.values()].every((each) => each === undefined);
    const old = this.holder.get('AWSCURRENT');
    const oldHadPending = old !== undefined && this.holder.get('AWSPENDING') === old;
    this.values.set(version, text);
    const all = isFirst ? new Set(['AWSCURRENT', ...labels]) : new Set(labels);
    for (const each of all) this.holder.set(each, version);
    if (all.has('AWSCURRENT') && old !== undefined && old !== version) {
      this.holder.set('AWSPREVIOUS', old);
      if (oldHadPending && this.holder.get('AWSPENDING') === old) this.holder.delete('AWSPENDING');
    }
    if (isNew && this.rotating !== undefined) {
      if (this.holder.get('AWSPENDING') === this.rotating) this.holder.delete('AWSPENDING');
      this.rotating = undefined;
    }
    return 'ok';
  }

  move(name: string, from: string | undefined, to: string | undefined): string {
    const holder = this.holder.get(name);
    if (from === undefined && to === undefined) return 'InvalidParameterException';
    if ([from, to].some((each) => each !== undefined && !this.values.has(each))) return 'ResourceNotFoundException';
    if (from === undefined ? holder !== undefined && holder !== to : from !== holder)
      return 'InvalidParameterException';
    if (to === undefined && name === 'AWSCURRENT') return 'InvalidParameterException';
    if (to === undefined) this.holder.delete(name);
    else this.holder.set(name, to);
    if (name === 'AWSCURRENT' && holder !== undefined && holder !== to) this.holder.set('AWSPREVIOUS', holder);
    return 'ok';
  }

  // The function does nothing, so the rotation fails where its version is not AWSCURRENT, and it never is.
  rotate(version: string): string {
    // The same call again: its rotation is over, and not by failing.
    if (this.enabled && version === this.lastStarted && this.rotating === undefined) return 'ok';
    const pending = this.holder.get('AWSPENDING');
    if (pending !== undefined && pending !== this.holder.get('AWSCURRENT')) return 'InvalidRequestException';
    if (this.values.has(version)) return 'InvalidRequestException';
    this.configured = true;
    this.enabled = true;
    this.lastStarted = version;
    this.values.set(version, undefined);
    this.holder.set('AWSPENDING', version);
    this.rotating = version;
    return 'ok';
  }

  get(version: string | undefined, name: string | undefined): string {
    const found = version ?? this.holder.get(name ?? 'AWSCURRENT');
    const text = found === undefined ? undefined : this.values.get(found);
    if (text === undefined) return 'ResourceNotFoundException';
    if (version !== undefined && name !== undefined && this.holder.get(name) !== version)
      return 'InvalidRequestException';
    return text;
  }
}

/** Runs the commands against the service and the model. Throws at the first difference. */
async function compare(commands: readonly Command[], rules?: LabelRules): Promise<void> {
  const local = new LocalSecretsManager({
    rotation: { attempts: 1 },
    ...(rules === undefined ? {} : { labelRules: rules }),
  });
  const call = rawCaller(local);
  const model = new Model();
  local.registerFunction('nothing', () => undefined);
  await call('CreateSecret', { Name: 's', ClientRequestToken: 'creation'.padEnd(32, '.') });
  try {
    for (const each of commands) {
      const exact = each.do === 'move-right' ? rightMove(each, model) : each;
      expect(await run(call, local, exact)).toEqual(model.apply(exact));
      const versions = await listed(call);
      expect(versions).toEqual(expected(model));
      checkInvariants(versions, model);
    }
  } finally {
    await local.close();
  }
}

// Half of the moves name the right version, for a random one is right too seldom.
function rightMove(
  { label: name, to }: { label: string; to: string | undefined },
  model: Model,
): Extract<Command, { do: 'move' }> {
  return { do: 'move', label: name, from: model.holder.get(name), to };
}

async function run(
  call: RawCall,
  local: LocalSecretsManager,
  each: Exclude<Command, { do: 'move-right' }>,
): Promise<string> {
  const SecretId = 's';
  const reply = await (() => {
    switch (each.do) {
      case 'put':
        return call('PutSecretValue', {
          SecretId,
          ClientRequestToken: each.id,
          SecretString: each.value,
          VersionStages: each.labels,
        });
      case 'update':
        return call('UpdateSecret', { SecretId, ClientRequestToken: each.id, SecretString: each.value });
      case 'move':
        return call('UpdateSecretVersionStage', {
          SecretId,
          VersionStage: each.label,
          RemoveFromVersionId: each.from,
          MoveToVersionId: each.to,
        });
      case 'rotate':
        return call('RotateSecret', { SecretId, ClientRequestToken: each.id, RotationLambdaARN: 'nothing' });
      case 'cancel':
        return call('CancelRotateSecret', { SecretId });
      case 'get':
        return call('GetSecretValue', { SecretId, VersionId: each.id, VersionStage: each.label });
    }
  })();
  if (reply.status !== 200) return String(reply.body.__type);
  if (each.do === 'rotate') await local.rotationSettled(SecretId);
  return each.do === 'get' ? String(reply.body.SecretString) : 'ok';
}

type Listed = Record<string, string[]>;

async function listed(call: RawCall): Promise<Listed> {
  const { body } = await call('ListSecretVersionIds', { SecretId: 's', IncludeDeprecated: true });
  const versions = body.Versions as { VersionId: string; VersionStages?: string[] }[];
  return Object.fromEntries(versions.map((version) => [version.VersionId, version.VersionStages ?? []]));
}

function expected(model: Model): Listed {
  const labelsOn = (version: string): string[] =>
    [...model.holder]
      .filter(([, holder]) => holder === version)
      .map(([name]) => name)
      .sort();
  return Object.fromEntries([...model.values.keys()].map((version) => [version, labelsOn(version)]));
}

function checkInvariants(versions: Listed, model: Model): void {
  const all = Object.values(versions).flat();
  expect(new Set(all).size, 'each label is on one version').toBe(all.length);
  const stored = [...model.values.values()].some((each) => each !== undefined);
  const filledPlaceholderOnly = stored && !model.holder.has('AWSCURRENT');
  if (stored && !filledPlaceholderOnly) expect(all.filter((each) => each === 'AWSCURRENT')).toHaveLength(1);
  for (const labels of Object.values(versions)) {
    expect(labels.includes('AWSPREVIOUS') && labels.includes('AWSCURRENT'), 'AWSPREVIOUS is not AWSCURRENT').toBe(
      false,
    );
  }
}

const property = (rules?: LabelRules) =>
  fc.asyncProperty(fc.array(command, { maxLength: 30, size: 'max' }), (commands) => compare(commands, rules));

describe('labels, versions and values over random sequences of calls', () => {
  it('are those of an independent model (facts 1 to 8, 11 to 13, 17, 23, 24)', { timeout: 180_000 }, async () => {
    await fc.assert(property(), { numRuns: 10_000 });
  });

  const broken: Record<string, LabelRules> = {
    'a label stays where it was, too': {
      ...labelRules,
      move: (versions, name, to) => {
        const moved = labelRules.move(versions, name, to);
        const left = holderOf(versions, name);
        const version = left === undefined || to === undefined ? undefined : moved.get(left);
        if (version === undefined || version.labels.includes(name)) return moved;
        return new Map([...moved, [version.id, { ...version, labels: [...version.labels, name].sort() }]]);
      },
    },
    'PutSecretValue leaves no AWSPREVIOUS': {
      ...labelRules,
      put: (versions, version, labels) => labels.reduce((next, name) => attach(next, name, version), versions),
    },
    'moving AWSCURRENT leaves no AWSPREVIOUS': {
      ...labelRules,
      move: (versions, name, to) =>
        to === undefined ? labelRules.move(versions, name, to) : attach(versions, name, to),
    },
    'AWSPENDING stays on the old AWSCURRENT': {
      ...labelRules,
      put: (versions, version, labels) => {
        const old = holderOf(versions, 'AWSCURRENT');
        const hadPending = old !== undefined && holderOf(versions, 'AWSPENDING') === old;
        const put = labelRules.put(versions, version, labels);
        return hadPending && holderOf(put, 'AWSPENDING') === undefined ? attach(put, 'AWSPENDING', old) : put;
      },
    },
    'AWSPENDING leaves a promoted version': {
      ...labelRules,
      move: (versions, name, to) => {
        const moved = labelRules.move(versions, name, to);
        return name === 'AWSCURRENT' && to !== undefined ? detach(moved, 'AWSPENDING', to) : moved;
      },
    },
  };
  it.each(Object.entries(broken))('control: a difference is found where %s', async (_rule, rules) => {
    const { failed } = await fc.check(property(rules), { numRuns: 1000, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
