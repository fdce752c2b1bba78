import { keepsPassword } from '../verifiers.ts';
import type { AccountRights, Grant, Scope, UserRights } from './rights.ts';

/** One way in which the next user is not like the current one. */
export type Difference = AccountDifference | GrantDifference | ConditionDifference;

/** An account that only one of the two has. */
interface AccountDifference {
  readonly kind: 'account';
  readonly host: string;
  readonly lacking: boolean;
}

/** Rights within one scope. */
export interface GrantDifference {
  readonly kind: 'grant';
  readonly host: string;
  readonly scope: Scope;
  readonly lacking: readonly string[];
  readonly beyond: readonly string[];
}

/** How, and how much, the account may be used. */
export interface ConditionDifference {
  readonly kind: 'condition';
  readonly host: string;
  readonly name: string;
  readonly has: string;
  readonly wanted: string;
}

/** The conditions that have statements of their own. */
export const method = 'IDENTIFIED WITH';
export const attributes = 'ATTRIBUTE';
export const defaultRole = 'DEFAULT ROLE';

/** What has to change in the rights of the next user so that they equal the current user's. */
export function differencesOf(current: UserRights, next: UserRights): readonly Difference[] {
  const hosts = [...new Set([...current.keys(), ...next.keys()])];
  return hosts.flatMap((host) => differencesAt(host, current.get(host), next.get(host)));
}

function differencesAt(
  host: string,
  wanted: AccountRights | undefined,
  has: AccountRights | undefined,
): readonly Difference[] {
  if (wanted === undefined || has === undefined) return [{ kind: 'account', host, lacking: has === undefined }];
  return [...grantDifferences(host, wanted, has), ...conditionDifferences(host, wanted, has)];
}

function grantDifferences(host: string, wanted: AccountRights, has: AccountRights): readonly GrantDifference[] {
  const scopes = [...new Set([...wanted.grants.keys(), ...has.grants.keys()])];
  return scopes.flatMap((key) => {
    const [should, is] = [wanted.grants.get(key), has.grants.get(key)];
    const lacking = without(should, is);
    const beyond = without(is, should);
    const scope = should?.scope ?? is?.scope;
    if (scope === undefined || lacking.length + beyond.length === 0) return [];
    return [{ kind: 'grant', host, scope, lacking, beyond }];
  });
}

function without(some: Grant | undefined, others: Grant | undefined): readonly string[] {
  return [...(some?.privileges ?? [])].filter((privilege) => others?.privileges.has(privilege) !== true);
}

function conditionDifferences(host: string, wanted: AccountRights, has: AccountRights): readonly ConditionDifference[] {
  const now = textsOf(has);
  return [...textsOf(wanted)].flatMap(([name, value]) =>
    now.get(name) === value ? [] : [{ kind: 'condition', host, name, has: now.get(name) ?? '', wanted: value }],
  );
}

/** Each condition as one text, which is equal exactly if the condition is. */
function textsOf(account: AccountRights): ReadonlyMap<string, string> {
  const { plugin, verifier, conditions, defaultRoles } = account;
  const asks = !keepsPassword(plugin) && verifier !== '' ? ` AS ${JSON.stringify(verifier)}` : '';
  return new Map([
    [method, `${plugin}${asks}`],
    ...conditions,
    ...(account.attributes === undefined ? [] : ([[attributes, canonical(account.attributes)]] as const)),
    [defaultRole, defaultRoles.length === 0 ? 'NONE' : defaultRoles.join(', ')],
  ]);
}

/** JSON with the names in their order: the same for the same value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
