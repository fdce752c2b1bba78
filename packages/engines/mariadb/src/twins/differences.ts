import { passwordless } from '../accounts.ts';
import {
  type AccountRights,
  effectiveDefaultRole,
  type Grant,
  limitNames,
  type Scope,
  type UserRights,
} from './rights.ts';

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
interface ConditionDifference {
  readonly kind: 'condition';
  readonly host: string;
  readonly name: string;
  readonly has: string;
  readonly wanted: string;
}

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
  const now = conditionsOf(has);
  return Object.entries(conditionsOf(wanted)).flatMap(([name, value]) =>
    now[name] === value ? [] : [{ kind: 'condition', host, name, has: now[name] ?? '', wanted: value }],
  );
}

/** Each as one text, which is equal exactly if the condition is. */
function conditionsOf(account: AccountRights): Readonly<Record<string, string>> {
  const { tls, limits, lifetime, locked, methods } = account;
  const role = effectiveDefaultRole(account);
  const details = (['issuer', 'subject', 'cipher'] as const)
    .filter((name) => tls[name] !== '')
    .map((name) => ` ${name.toUpperCase()} ${JSON.stringify(tls[name])}`);
  return {
    'IDENTIFIED VIA': methods
      .map(({ plugin, verifier }) =>
        passwordless.includes(plugin) && verifier !== '' ? `${plugin} USING ${JSON.stringify(verifier)}` : plugin,
      )
      .join(' OR '),
    REQUIRE: tls.type === 'SPECIFIED' ? details.join('').trim() : tls.type,
    ...Object.fromEntries(limitNames.map((name) => [name, String(limits[name])])),
    'PASSWORD EXPIRE': typeof lifetime === 'number' ? `INTERVAL ${lifetime} DAY` : lifetime,
    ACCOUNT: locked ? 'LOCK' : 'UNLOCK',
    'DEFAULT ROLE': role === '' ? 'NONE' : JSON.stringify(role),
  };
}

/** The conditions that say whether somebody can log in at all: they change last. */
export function isAboutLogin(difference: Difference): boolean {
  return difference.kind === 'condition' && ['IDENTIFIED VIA', 'ACCOUNT'].includes(difference.name);
}
