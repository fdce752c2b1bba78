import { randomBytes } from 'node:crypto';
import { makeAuthority, type ServiceOptions } from '@keyturn/engine-conformance';
import { startPostgres } from '@keyturn/service-postgres';
import pg from 'pg';
import { catalogue, readable, systemRoles } from './model/catalogue.ts';
import { redshiftRole, textArray } from './model/names.ts';
import { openBelow, RunningRedshift } from './running-redshift.ts';

/** Starts a PostgreSQL 13, lays Redshift's catalogue over it, and puts the front before it. */
export async function startRedshift(options: ServiceOptions = {}): Promise<RunningRedshift> {
  // Between the front and it there is no network: only the front speaks TLS.
  const postgres = await startPostgres('13', { tls: false, settings: { max_connections: '100' } });
  let catalogueClient: pg.Client | undefined;
  try {
    const authority = makeAuthority('Keyturn tests');
    const administrator = { username: 'keyturn master', password: `Pw1-${randomBytes(18).toString('base64url')}` };
    await prepareTemplate(postgres, administrator.username);
    catalogueClient = await openBelow(postgres, 'dev');
    const running = new RunningRedshift({
      postgres,
      catalogue: catalogueClient,
      certificate: options.tls === false ? undefined : (options.certificate ?? authority.sign()),
      ca: authority.certificate,
      administrator,
    });
    await running.execute(
      `ALTER USER ${pg.escapeIdentifier(administrator.username)} PASSWORD ${pg.escapeLiteral(administrator.password)}`,
    );
    await running.listen();
    return running;
  } catch (error) {
    await catalogueClient?.end();
    await postgres.stop();
    throw error;
  }
}

/** Every database is made from a template that has the catalogue. */
async function prepareTemplate(postgres: Parameters<typeof openBelow>[0], administrator: string): Promise<void> {
  const template = await openBelow(postgres, 'template1');
  try {
    for (const sql of [...catalogue, readable]) await template.query(sql);
    const name = pg.escapeIdentifier(administrator);
    await template.query(`ALTER ROLE ${name} SUPERUSER; ALTER ROLE ${name} SET redshift_model.is_user TO 'on'`);
    for (const [role, privileges] of Object.entries(systemRoles)) {
      await template.query(`CREATE ROLE ${redshiftRole(role)} NOLOGIN`);
      for (const privilege of privileges) {
        await template.query(
          `INSERT INTO redshift_model.grants VALUES ('SYSTEM', ${textArray([])}, '${privilege}', ${pg.escapeLiteral(redshiftRole(role))}::regrole::oid, false)`,
        );
      }
    }
  } finally {
    await template.end();
  }
  const anywhere = await openBelow(postgres, 'postgres');
  try {
    await anywhere.query('CREATE DATABASE dev');
  } finally {
    await anywhere.end();
  }
}
