import type { DatabaseService } from '@keyturn/engine-conformance';
import { services as postgresServices, protocol } from '@keyturn/service-postgres';
import { startRedshift } from './redshift-double.ts';

export { fromUrl } from './given-redshift.ts';
export { startRedshift } from './redshift-double.ts';
export type { RunningRedshift } from './running-redshift.ts';

/** PostgreSQL 13 with Redshift's catalogue laid over it: there is no Redshift outside of AWS. */
export const services: readonly DatabaseService[] = [
  {
    engine: 'redshift',
    version: '1.0',
    kind: 'double',
    protocol,
    prepare: async () => postgresServices.find(({ version }) => version === '13')?.prepare(),
    start: startRedshift,
  },
];
