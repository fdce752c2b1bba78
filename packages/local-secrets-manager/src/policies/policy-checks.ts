import type { Statement } from './policy-document.ts';
import { includesEveryone } from './principals.ts';

/** Something that a well-formed policy should not do. */
export interface Finding {
  readonly check: 'PUBLIC_ACCESS' | 'LOCKOUT';
  readonly message: string;
}

// Fixed values of these narrow "everyone" down, as the service's user guide lists them, and as IAM does for identities.
const NARROWING = new Set([
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceaccount',
  'aws:sourceowner',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:userid',
]);
const POSITIVE = /^(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)$/;

/** What the service warns of: access for everyone, and a policy that nobody could change again. */
export function findings(statements: readonly Statement[]): readonly Finding[] {
  return [
    ...(statements.some(isPublic)
      ? [
          {
            check: 'PUBLIC_ACCESS' as const,
            message: 'This resource policy grants broad access to your secret.',
          },
        ]
      : []),
    ...(statements.some(locksOut)
      ? [
          {
            check: 'LOCKOUT' as const,
            message: 'Your requested changes will not allow you to manage this secret in the future.',
          },
        ]
      : []),
  ];
}

function isPublic(statement: Statement): boolean {
  const { Effect, Principal, NotPrincipal, Condition } = statement;
  if (Effect === 'Deny') return false;
  // Everyone but some is still everyone.
  const everyone = NotPrincipal !== undefined || includesEveryone(Principal);
  return everyone && !isNarrowed(Condition ?? {});
}

function isNarrowed(conditions: NonNullable<Statement['Condition']>): boolean {
  return Object.entries(conditions).some(
    ([operator, keys]) =>
      POSITIVE.test(operator) &&
      Object.entries(keys).some(
        ([key, values]) => NARROWING.has(key.toLowerCase()) && [values].flat().every((value) => isFixed(String(value))),
      ),
  );
}

// A wildcard may stand in a resource's name, but not for the account or the whole.
function isFixed(value: string): boolean {
  if (!value.startsWith('arn:')) return !/[*?]/.test(value);
  const account = value.split(':')[4] ?? '';
  return account !== '' && !/[*?]/.test(account);
}

function locksOut({ Effect, Principal, Action, NotAction, Condition }: Statement): boolean {
  if (Effect === 'Allow' || Condition !== undefined) return false;
  if (!includesEveryone(Principal)) return false;
  const covers = (patterns: string | readonly string[]): boolean =>
    [patterns].flat().some((pattern) => asRegExp(pattern).test('secretsmanager:PutResourcePolicy'));
  return Action === undefined ? !covers(NotAction ?? []) : covers(Action);
}

function asRegExp(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i');
}
