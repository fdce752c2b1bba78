import { quoteName, quoteText } from '../quoting.ts';
import type { Difference } from './difference.ts';
import { bounded, shownName, shownValue } from './printable.ts';
import type { Role, TwinState } from './twin-state.ts';

/** One setting of a role. */
interface Setting {
  /** `null`: in every database. */
  readonly database: string | null;
  readonly name: string;
  /** As pg_db_role_setting keeps it. */
  readonly value: string;
}

/** Settings that the server keeps as a list of quoted names (GUC_LIST_QUOTE; pg_dump's dumputils.c has the same list). */
const nameLists = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/**
 * The twin's settings must be the base's, and its logins must act as what the base's logins act as: the base itself,
 * unless a setting of the base says another role.
 */
export function settingDifferences(state: TwinState, base: Role, twin: Role): Difference[] {
  const wanted = wantedSettings(state, base);
  const present = settingsOf(state, false);
  return [
    ...[...wanted].flatMap(([key, setting]) => lackOf(setting, present.get(key), base, twin)),
    ...[...present].filter(([key]) => !wanted.has(key)).map(([, setting]) => excessOf(setting, base, twin)),
    ...databaseRoles(state, base),
  ];
}

function lackOf(setting: Setting, present: Setting | undefined, base: Role, twin: Role): Difference[] {
  if (present?.value === setting.value) return [];
  const text =
    present === undefined
      ? `${shownName(twin.name)} lacks the setting ${shown(setting)}`
      : `${shownName(twin.name)} has the setting ${shown(present)}, ${shownName(base.name)} has ${shownValue(setting.value)}`;
  const sql = `ALTER ROLE ${quoteName(twin.name)}${inDatabase(setting)} SET ${settingName(setting.name)} = ${valueSql(setting)}`;
  return [{ text, change: { given: `the setting ${shown(setting)}` }, steps: [{ sql }] }];
}

function excessOf(setting: Setting, base: Role, twin: Role): Difference {
  return {
    text: `${shownName(twin.name)} has the setting ${shown(setting)} beyond ${shownName(base.name)}`,
    change: { taken: `the setting ${shown(setting)}` },
    steps: [{ sql: `ALTER ROLE ${quoteName(twin.name)}${inDatabase(setting)} RESET ${settingName(setting.name)}` }],
  };
}

function wantedSettings(state: TwinState, base: Role): Map<string, Setting> {
  const settings = settingsOf(state, true);
  for (const [key, setting] of settings) {
    // To the base, "none" means itself.
    if (setting.name === 'role' && setting.value === 'none') settings.set(key, { ...setting, value: base.name });
  }
  const everywhere: Setting = { database: null, name: 'role', value: base.name };
  if (!settings.has(keyOf(everywhere))) settings.set(keyOf(everywhere), everywhere);
  return settings;
}

function settingsOf(state: TwinState, isBase: boolean): Map<string, Setting> {
  const rows = state.settings.filter((row) => row.isBase === isBase);
  const settings = rows.flatMap(({ database, config }) =>
    config.map((entry) => {
      const at = entry.indexOf('=');
      return { database, name: entry.slice(0, at), value: entry.slice(at + 1) };
    }),
  );
  return new Map(settings.map((setting) => [keyOf(setting), setting]));
}

/**
 * A `role` that is set for a database gives way to the twin's own setting: the base would act as another role
 * there, and its twin as the base.
 */
function databaseRoles(state: TwinState, base: Role): Difference[] {
  const own = settingsOf(state, true);
  const decided = (database: string | null) => own.has(keyOf({ database, name: 'role' }));
  return state.rolesOfDatabases
    .filter(({ database, role }) => !decided(null) && !decided(database) && role !== 'none' && role !== base.name)
    .map(({ database, role }) => {
      const where = database === null ? 'for all users' : `for the database ${shownName(database)}`;
      const setting = { database, name: 'role', value: role };
      return {
        text: `${shownName(base.name)} acts as ${shownName(role)} by a setting ${where}, which does not reach its twin`,
        change: { given: `the setting ${shown(setting)}` },
        steps: [],
        remedy: `ALTER ROLE ${quoteName(base.name)}${inDatabase(setting)} SET role = ${quoteText(role)}`,
      };
    });
}

function keyOf({ database, name }: Pick<Setting, 'database' | 'name'>): string {
  return JSON.stringify([database, name]);
}

function inDatabase({ database }: Pick<Setting, 'database'>): string {
  return database === null ? '' : ` IN DATABASE ${quoteName(database)}`;
}

/** Parts by themselves: as one identifier, a name of more than 63 bytes would be cut off. */
function settingName(name: string): string {
  return name.includes('.') ? name.split('.').map(quoteName).join('.') : quoteName(name);
}

function valueSql({ name, value }: Setting): string {
  const names = nameLists.has(name.toLowerCase()) ? splitNames(value) : undefined;
  return (names ?? [value]).map(quoteText).join(', ');
}

/** The names in a list such as `"$user", public`; `undefined` where it is no such list. */
function splitNames(list: string): readonly string[] | undefined {
  const item = /\s*(?:"((?:[^"]|"")*)"|([^",]*?))\s*(,|$)/gy;
  const names: string[] = [];
  for (;;) {
    const match = item.exec(list);
    if (match === null) return undefined;
    const [, quoted, bare = '', end] = match;
    names.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end !== ',') return names;
  }
}

function shown({ database, name, value }: Setting): string {
  const where = database === null ? '' : ` in database ${shownName(database)}`;
  const plain = /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name);
  return `${plain ? bounded(name) : shownValue(name)} = ${shownValue(value)}${where}`;
}
