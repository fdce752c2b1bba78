import type { Statement, UserOption } from '../sql/statements.ts';
import { type Model, ofGrantee, type User } from './model.ts';
import { newUser } from './new-model.ts';
import { ora } from './ora-error.ts';
import { require, type Session } from './session.ts';
import { matching, setPassword } from './users.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

export function createUser(model: Model, session: Session, { name, options }: Of<'create-user'>): void {
  require(model, session, 'CREATE USER');
  if (Buffer.byteLength(name) > 128) throw ora(972);
  if (model.users.has(name) || model.roles.has(name) || name === 'PUBLIC') throw ora(1920);
  if (options.some((option) => option.kind === 'password' && option.replace !== undefined)) throw ora(922);
  const user = newUser(name);
  checkOptions(model, user, options);
  for (const option of sorted(options)) apply(model, user, option);
  model.users.set(name, user);
}

export function alterUser(model: Model, session: Session, { name, options }: Of<'alter-user'>): void {
  const user = model.users.get(name);
  const own = session.user === name && options.every(({ kind }) => kind === 'password');
  // Without the privilege the server does not even tell whether there is such a user.
  if (!own) require(model, session, 'ALTER USER');
  if (user === undefined) throw ora(1918);
  const password = options.find((option) => option.kind === 'password');
  if (password?.replace !== undefined && matching(model, user, password.replace) === undefined) throw ora(28008);
  checkOptions(model, user, options);
  for (const option of sorted(options)) apply(model, user, option);
}

/** What the driver's own call does: no statement has the password in it. */
export function changePassword(model: Model, session: Session, username: string, old: string, next: string): void {
  if (session.user !== username) require(model, session, 'ALTER USER');
  if (model.readOnly) throw ora(16000);
  const user = model.users.get(username);
  if (user === undefined) throw ora(1918);
  if (matching(model, user, old) === undefined) throw ora(28008);
  setPassword(model, user, next);
}

export function dropUser(model: Model, session: Session, { name, cascade }: Of<'drop-user'>): void {
  require(model, session, 'DROP USER');
  if (!model.users.has(name)) throw ora(1918);
  if (!cascade && model.objects.some(({ owner }) => owner === name)) throw ora(1922);
  model.users.delete(name);
  for (const grants of [model.systemGrants, model.roleGrants, model.schemaGrants]) grants.delete(name);
  model.objectGrants = model.objectGrants.filter(
    ({ grantee, grantor, owner }) => grantee !== name && grantor !== name && owner !== name,
  );
  model.proxies = model.proxies.filter(({ proxy, client }) => proxy !== name && client !== name);
  model.consumerGroups = model.consumerGroups.filter(({ grantee }) => grantee !== name);
  const left = model.objects.filter(({ owner }) => owner !== name);
  model.objects.splice(0, model.objects.length, ...left);
}

export function changeProxy(model: Model, session: Session, statement: Of<'proxy'>): void {
  require(model, session, 'ALTER USER');
  const { client, proxy, mode, roles, authenticated, grant } = statement;
  if (!model.users.has(client)) throw ora(1918);
  if (!model.users.has(proxy)) throw ora(1917);
  for (const role of roles) if (!ofGrantee(model.roleGrants, client).has(role)) throw ora(1951);
  const others = model.proxies.filter((each) => each.client !== client || each.proxy !== proxy);
  if (!grant && others.length === model.proxies.length) throw ora(28150);
  model.proxies = grant ? [...others, { client, proxy, mode, roles, authenticated }] : others;
}

/** Everything that can be refused, before anything changes; the password is checked as it is set. */
function checkOptions(model: Model, user: User, options: readonly UserOption[]): void {
  for (const option of options) {
    if (option.kind === 'tablespace' && !model.tablespaces.has(option.name)) throw ora(959);
    if (option.kind === 'quota' && !model.tablespaces.has(option.tablespace)) throw ora(959);
    if (option.kind === 'profile' && !model.profiles.has(option.name)) throw ora(2380);
    if (option.kind === 'default-role' && option.roles.mode !== 'all') {
      const granted = ofGrantee(model.roleGrants, user.name);
      if (option.roles.roles.some((role) => !granted.has(role))) throw ora(1955);
    }
  }
}

/** The password first: its rules may refuse it, and then nothing is to have changed. A profile comes before it. */
function sorted(options: readonly UserOption[]): readonly UserOption[] {
  const rank = ({ kind }: UserOption) => (kind === 'profile' ? 0 : kind === 'password' ? 1 : 2);
  return options.toSorted((a, b) => rank(a) - rank(b));
}

function apply(model: Model, user: User, option: UserOption): void {
  switch (option.kind) {
    case 'password':
      setPassword(model, user, option.password);
      return;
    case 'external':
      user.authentication = 'EXTERNAL';
      user.externalName = option.name;
      user.verifier = undefined;
      user.rollover = undefined;
      return;
    case 'no-authentication':
      user.authentication = 'NONE';
      user.verifier = undefined;
      user.rollover = undefined;
      return;
    case 'tablespace':
      if (option.use === 'default') user.defaultTablespace = option.name;
      else if (option.use === 'temporary') user.temporaryTablespace = option.name;
      else user.localTemporaryTablespace = option.name;
      return;
    case 'quota':
      if (option.bytes === 0) user.quotas.delete(option.tablespace);
      else user.quotas.set(option.tablespace, option.bytes);
      return;
    case 'profile':
      user.profile = option.name;
      return;
    case 'lock':
      user.lock = option.locked ? 'LOCKED' : undefined;
      if (!option.locked) user.failedLogins = 0;
      return;
    case 'expire':
      user.expiry = 'EXPIRED';
      return;
    case 'end-rollover':
      user.rollover = undefined;
      return;
    case 'editions':
      user.editions = true;
      return;
    case 'default-role':
      user.defaultRoles = option.roles;
      return;
  }
}
