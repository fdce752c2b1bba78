import { identifier, qualified, stringLiteral } from '../quoting.ts';
import type { Difference } from './differences.ts';
import type { PlannedStatement } from './plan.ts';
import { type ObjectTarget, type Right, targetKey } from './rights.ts';
import { nameWords, rightWords } from './words.ts';

/** The trigger that sets the current schema when the twin logs in. */
export const triggerName = 'KEYTURN_CURRENT_SCHEMA';

/** What the twin may do in the base's schema, as far as the dictionary has it. */
export interface SharedSchema {
  readonly base: string;
  readonly twin: string;
  /** The base's objects, `[type, name]`, of the types that {@link privileges} has. */
  readonly objects: readonly (readonly [type: string, name: string])[];
  /** What the twin has been granted in them, by {@link targetKey} of the target without its type. */
  readonly granted: ReadonlySet<string>;
  readonly hasTrigger: boolean;
}

/** What whoever works in a schema needs of an object of each type. */
export const privileges: ReadonlyMap<string, readonly string[]> = new Map([
  ['TABLE', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ALTER', 'INDEX', 'REFERENCES']],
  ['VIEW', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['MATERIALIZED VIEW', ['SELECT']],
  ['SEQUENCE', ['SELECT', 'ALTER']],
  ['PROCEDURE', ['EXECUTE']],
  ['FUNCTION', ['EXECUTE']],
  ['PACKAGE', ['EXECUTE']],
  ['TYPE', ['EXECUTE']],
]);

/** The same text for the same privilege in the same object. */
export function grantKey(name: string, privilege: string): string {
  return JSON.stringify([name, privilege]);
}

/** What the twin lacks in the base's schema, whichever of the two is in use. */
export function sharedDifferences({ base, twin, objects, granted, hasTrigger }: SharedSchema): readonly Difference[] {
  const lacking = objects.flatMap(([type, name]) =>
    (privileges.get(type) ?? [])
      .filter((privilege) => !granted.has(grantKey(name, privilege)))
      .map((privilege): Difference => ({ kind: 'shared', twin, right: ownersRight(base, type, name, privilege) })),
  );
  return hasTrigger ? lacking : [...lacking, { kind: 'current-schema', twin, base }];
}

function ownersRight(owner: string, type: string, name: string, privilege: string): Right<ObjectTarget> {
  return {
    target: { kind: 'object', owner, name, type, privilege, column: undefined },
    extent: '',
    grantors: [owner],
  };
}

/** What gives it. */
export function sharedStatements(differences: readonly Difference[]): readonly PlannedStatement[] {
  const shared = differences.filter((difference) => difference.kind === 'shared');
  const byObject = Map.groupBy(shared, ({ right }) => targetKey({ ...right.target, privilege: '' }));
  const grants = [...byObject.values()].flatMap((these): readonly PlannedStatement[] => {
    const [first] = these;
    if (first === undefined) return [];
    const { owner, name } = first.right.target;
    const what = these.map(({ right }) => right.target.privilege).join(', ');
    return [
      {
        sql: `GRANT ${what} ON ${qualified(owner, name)} TO ${identifier(first.twin)}`,
        gives: these.map(({ right }) => rightWords(right)),
        takes: [],
      },
    ];
  });
  const triggers = differences.flatMap((difference): readonly PlannedStatement[] => {
    if (difference.kind !== 'current-schema') return [];
    const { twin, base } = difference;
    const set = stringLiteral(`ALTER SESSION SET CURRENT_SCHEMA = ${identifier(base)}`);
    return [
      {
        sql: `CREATE OR REPLACE TRIGGER ${qualified(twin, triggerName)} AFTER LOGON ON ${identifier(twin)}.SCHEMA BEGIN EXECUTE IMMEDIATE ${set}; END;`,
        gives: [`CURRENT_SCHEMA ${nameWords(base)} at each login`],
        takes: [],
      },
    ];
  });
  return [...grants, ...triggers];
}
