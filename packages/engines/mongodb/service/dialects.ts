import type { Dialect } from './double/context.ts';

function mongodb(version: string, maxWireVersion: number): Dialect {
  return { kind: 'mongodb', version, maxWireVersion, mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-256'], longLogin: false };
}

type Name = 'documentdb5' | 'mongodb5' | 'mongodb6' | 'mongodb7' | 'mongodb8';

/**
 * What the doubles behave like. The last one is what templates are tried on.
 * @see https://github.com/mongodb/mongo/blob/master/src/mongo/db/wire_version.h
 */
export const dialects: Readonly<Record<Name, Dialect>> = {
  documentdb5: { kind: 'docdb', version: '5.0', maxWireVersion: 13, mechanisms: ['SCRAM-SHA-1'], longLogin: true },
  mongodb5: mongodb('5.0', 13),
  mongodb6: mongodb('6.0', 17),
  mongodb7: mongodb('7.0', 21),
  mongodb8: mongodb('8.0', 25),
};
