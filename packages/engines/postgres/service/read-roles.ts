import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { downloadDebian } from '@keyturn/engine-conformance';
import type pg from 'pg';
import type { RunningPostgres } from './running-postgres.ts';

const run = promisify(execFile);

/** One role as `pg_dumpall --roles-only` says it, its own name replaced by `<role>`. */
export interface ReadRole {
  /** CREATE ROLE and ALTER ROLE, without the password. */
  readonly lines: readonly string[];
  readonly groups: readonly string[];
}

/** The newest server whose roles this pg_dumpall reads. */
export const dumpallReads = 15;

/** What `pg_dumpall --roles-only` of PostgreSQL 15 says of a role: it fits servers up to 15. */
export async function dumpedRoles(server: RunningPostgres): Promise<(role: string) => ReadRole> {
  const { root, libraries } = await downloadDebian({
    folder: 'postgresql-client',
    name: 'pg_dumpall',
    size: '2 MB',
    packages: ['postgresql-client-15'],
    program: 'usr/lib/postgresql/15/bin/pg_dumpall',
    otherwise: 'install the PostgreSQL 15 client',
    layoutVersion: 1,
  });
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-dumpall-'));
  try {
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, server.ca);
    const { stdout } = await run(
      join(root, 'usr/lib/postgresql/15/bin/pg_dumpall'),
      [
        '--roles-only',
        '--no-role-passwords',
        '-h',
        'localhost',
        '-p',
        String(server.port),
        '-U',
        server.superuser.username,
        '-w',
      ],
      {
        env: {
          LD_LIBRARY_PATH: libraries,
          PGPASSWORD: server.superuser.password,
          PGSSLMODE: 'verify-full',
          PGSSLROOTCERT: ca,
        },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    return (role) => readDump(stdout, role);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readDump(dump: string, role: string): ReadRole {
  const names = [role, `"${role.replaceAll('"', '""')}"`];
  // A statement ends with its line, but for line ends in constants.
  const statements = dump.split(/;\n/).map((text) => text.replace(/^(\n|--.*\n)*/, ''));
  const about = (verb: string) =>
    names.flatMap((name) =>
      statements
        .filter((text) => text.startsWith(`${verb} ${name} `) || text === `${verb} ${name}`)
        .map((text) => text.slice(verb.length + name.length + 2))
        // What nothing is said of lasts as long.
        .map((text) => text.replace(" VALID UNTIL 'infinity'", '')),
    );
  const groups = statements.flatMap((text) =>
    names.flatMap((name) => {
      const member = new RegExp(`^GRANT (.*) TO ${escaped(name)}( WITH ADMIN OPTION)?( GRANTED BY .*)?$`, 's').exec(
        text,
      );
      return member === null ? [] : [`${member[1]}${member[2] ?? ''}`];
    }),
  );
  return { lines: [...about('CREATE ROLE'), ...about('ALTER ROLE')].sort(), groups: groups.sort() };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The same from the catalogue, for servers that this pg_dumpall does not read. */
export async function cataloguedRole(superuser: pg.Client, role: string): Promise<ReadRole> {
  const { rows } = await superuser.query<{ lines: string[] | null; groups: string[] | null }>(
    `SELECT (SELECT array_agg(line ORDER BY line) FROM (
        SELECT (to_jsonb(a) - '{oid,rolname,rolpassword}'::text[])
          || jsonb_build_object('rolvaliduntil', coalesce(a.rolvaliduntil, 'infinity')) #>> '{}' AS line
        FROM pg_authid AS a WHERE rolname = $1
        UNION ALL
        SELECT format('%s: %s', d.datname, entry) FROM pg_db_role_setting AS s
        LEFT JOIN pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS entry
        WHERE s.setrole = (SELECT oid FROM pg_authid WHERE rolname = $1)) AS l) AS lines,
      (SELECT array_agg(g ORDER BY g) FROM (
        SELECT r.rolname || CASE WHEN bool_or(m.admin_option) THEN ' WITH ADMIN OPTION' ELSE '' END AS g
        FROM pg_auth_members AS m JOIN pg_authid AS r ON r.oid = m.roleid
        WHERE m.member = (SELECT oid FROM pg_authid WHERE rolname = $1) GROUP BY r.rolname) AS x) AS groups`,
    [role],
  );
  return { lines: rows[0]?.lines ?? [], groups: rows[0]?.groups ?? [] };
}
