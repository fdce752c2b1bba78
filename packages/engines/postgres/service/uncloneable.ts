import type { RunningPostgres } from './running-postgres.ts';

/** Something that a CREATEROLE administrator cannot clone, and what the error must say of it. */
export interface Uncloneable {
  readonly name: string;
  /** What the superuser runs; `app` and `app_clone` are the two users, `master` is the administrator. */
  readonly given: (app: string, master: string) => string;
  /** Whether the twin is there before. */
  readonly hasTwin?: true;
  readonly message: RegExp;
  readonly remedy: RegExp;
  /** The oldest major version of which this is so. */
  readonly since?: number;
  /** What settles it, where the remedy is more than SQL. */
  readonly settle?: (server: RunningPostgres, app: string) => Promise<unknown>;
}

const twin = (app: string) => `${app}_clone`;

const attributes: readonly Uncloneable[] = [
  ...['REPLICATION', 'BYPASSRLS'].map((attribute) => ({
    name: `the attribute ${attribute}`,
    given: (app: string) => `ALTER ROLE ${app} ${attribute}`,
    hasTwin: true as const,
    message: new RegExp(`_clone lacks ${attribute}`),
    remedy: new RegExp(`: ALTER ROLE "\\w+_clone" ${attribute}$`),
  })),
  {
    name: 'an attribute, before there is a twin',
    given: (app) => `ALTER ROLE ${app} BYPASSRLS`,
    message: /_clone lacks BYPASSRLS/,
    remedy: /CREATE ROLE "\w+_clone" LOGIN; .*ALTER ROLE "\w+_clone" BYPASSRLS$/,
  },
  {
    name: 'CREATEDB, which the administrator does not have itself',
    since: 16,
    given: (app) => `ALTER ROLE ${app} CREATEDB`,
    hasTwin: true,
    message: /_clone lacks CREATEDB/,
    remedy: /: ALTER ROLE "\w+_clone" CREATEDB$/,
  },
  {
    name: 'a superuser',
    given: (app) => `ALTER ROLE ${app} SUPERUSER`,
    message: /there is no role|lacks/,
    remedy: /is a superuser: name a superuser in the master secret/,
    settle: (server, app) => server.execute(`ALTER ROLE ${app} NOSUPERUSER`),
  },
  {
    name: 'a base that may not log in',
    given: (app) => `ALTER ROLE ${app} NOLOGIN`,
    hasTwin: true,
    message: / lacks LOGIN/,
    remedy: /: ALTER ROLE "\w+" LOGIN$/,
  },
];

const settings: readonly Uncloneable[] = [
  {
    name: 'a setting that only superusers set',
    given: (app) => `ALTER ROLE ${app} SET log_statement = 'none'`,
    hasTwin: true,
    message: /_clone lacks the setting log_statement = 'none'/,
    remedy: /: ALTER ROLE "\w+_clone" SET "log_statement" = 'none'$/,
  },
  {
    name: 'a setting that the server does not know, in one database',
    given: (app) => `ALTER ROLE ${app} IN DATABASE app SET my_app.x = 'a;\n''b'`,
    hasTwin: true,
    message: /_clone lacks the setting my_app\.x = 'a;\\u000a''b' in database app/,
    remedy: /ALTER ROLE "\w+_clone" IN DATABASE "app" SET "my_app"\."x" = E'a;\\u000a''b'$/,
  },
  {
    name: 'a role that a database sets for all its users',
    given: (app) =>
      `CREATE ROLE ${app}_acts; GRANT ${app}_acts TO ${app}; ALTER DATABASE postgres SET role = ${app}_acts`,
    message: / acts as \w+_acts by a setting for the database postgres/,
    remedy: /: ALTER ROLE "\w+" IN DATABASE "postgres" SET role = '\w+_acts'$/,
  },
];

const memberships: readonly Uncloneable[] = [
  {
    name: 'a member of rds_iam',
    given: (app) => `GRANT rds_iam TO ${app}`,
    message: /is a member of rds_iam/,
    remedy: /: REVOKE rds_iam FROM "\w+"$/,
  },
  {
    name: 'a member of rds_iam through a group',
    given: (app) => `CREATE ROLE ${app}_iam; GRANT rds_iam TO ${app}_iam; GRANT ${app}_iam TO ${app}`,
    message: /_iam is a member of rds_iam/,
    remedy: /: REVOKE rds_iam FROM "\w+_iam"$/,
  },
  {
    name: 'a twin that is a member of rds_iam itself',
    given: (app) => `GRANT rds_iam TO ${twin(app)}`,
    hasTwin: true,
    message: /_clone is a member of rds_iam/,
    remedy: /: REVOKE rds_iam FROM "\w+_clone"$/,
  },
  {
    name: 'a base that is a member of its twin',
    given: (app, master) =>
      `CREATE ROLE ${twin(app)}; GRANT ${twin(app)} TO "${master}" WITH ADMIN OPTION; GRANT ${twin(app)} TO ${app}`,
    message: / is a member of \w+_clone/,
    remedy: /: REVOKE "\w+_clone" FROM "\w+"$/,
  },
  {
    name: "a superuser's grant of a group to the twin",
    since: 16,
    given: (app, master) =>
      `CREATE ROLE ${app}_group; GRANT ${app}_group TO "${master}" WITH ADMIN OPTION; GRANT ${app}_group TO ${twin(app)}`,
    hasTwin: true,
    message: /_clone has the membership in \w+_group of its own/,
    remedy: /GRANT "\w+_group" TO "\w+" WITH .*; REVOKE "\w+_group" FROM "\w+_clone" GRANTED BY/,
  },
];

const objects: readonly Uncloneable[] = [
  {
    name: "a grant on a superuser's table to the twin",
    given: (app) => `CREATE TABLE ${app}_t (a int); GRANT SELECT ON ${app}_t TO ${twin(app)}`,
    hasTwin: true,
    message: /_clone holds SELECT ON TABLE public\.\w+_t of its own/,
    remedy:
      /GRANT SELECT ON TABLE "public"\."\w+_t" TO "\w+"; REVOKE SELECT ON TABLE "public"\."\w+_t" FROM "\w+_clone"$/,
  },
  {
    name: 'a grant on the database to the twin',
    given: (app) => `GRANT CREATE ON DATABASE app TO ${twin(app)} WITH GRANT OPTION`,
    hasTwin: true,
    message: /_clone holds CREATE ON DATABASE app of its own/,
    remedy:
      /GRANT CREATE ON DATABASE "app" TO "\w+" WITH GRANT OPTION; REVOKE CREATE ON DATABASE "app" FROM "\w+_clone"$/,
  },
  {
    name: "a policy on a superuser's table that names the twin",
    given: (app) => `CREATE TABLE ${app}_p (a int); CREATE POLICY "only\n;" ON ${app}_p TO ${twin(app)}`,
    hasTwin: true,
    message: /_clone is named by policy U&"only\\\+00000a;" on public\.\w+_p/,
    remedy: /: ALTER POLICY U&"only\\\+00000a;" ON "public"\."\w+_p" TO "\w+"$/,
  },
  {
    name: 'a function of the twin in a schema where the base may make none',
    given: (app) =>
      `CREATE SCHEMA ${app}_s; CREATE FUNCTION ${app}_s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION ${app}_s.f OWNER TO ${twin(app)}`,
    hasTwin: true,
    message: /_clone owns function \w+_s\.f\(\)/,
    remedy: /: REASSIGN OWNED BY "\w+_clone" TO "\w+"$/,
  },
  {
    name: "the twin's user mapping",
    given: (app) => `CREATE USER MAPPING FOR ${twin(app)} SERVER far`,
    hasTwin: true,
    message: /_clone has a user mapping \w+_clone on server far/,
    remedy: /make it for "\w+", and drop that of "\w+_clone"/,
    settle: (server, app) =>
      server.execute(`CREATE USER MAPPING FOR ${app} SERVER far; DROP USER MAPPING FOR ${twin(app)} SERVER far`),
  },
];

/** Every kind of right that a CREATEROLE administrator cannot clone. */
export const uncloneables: readonly Uncloneable[] = [...attributes, ...settings, ...memberships, ...objects];

/** What some of them need once on a server. */
export const uncloneableSetting: readonly string[] = [
  'CREATE ROLE rds_iam',
  'CREATE FOREIGN DATA WRAPPER nothing',
  'CREATE SERVER far FOREIGN DATA WRAPPER nothing',
];
