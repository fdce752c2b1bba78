import fc from 'fast-check';
import type { Document } from './double/context.ts';
import type { Double } from './double/start-double.ts';
import type { RoleName } from './double/store.ts';

/** Roles of every kind: built in, made in the user's database, in another, in admin, of names that mean something. */
const roles: readonly RoleName[] = [
  { role: 'read', db: 'app' },
  { role: 'readWrite', db: 'app' },
  { role: 'userAdmin', db: 'app' },
  { role: 'read', db: 'archive' },
  { role: 'dbOwner', db: 'größe' },
  { role: 'readAnyDatabase', db: 'admin' },
  { role: 'reporter', db: 'app' },
  { role: 'reporter', db: 'archive' },
  { role: 'a"} role: $where', db: 'app' },
  { role: 'admin.app', db: 'archive' },
  { role: 'outer', db: 'admin' },
];

/** Makes the roles that are not built in. */
export async function makeRoles(double: Double): Promise<void> {
  const privileges = [{ resource: { db: 'app', collection: 'orders' }, actions: ['find'] }];
  for (const [db, name] of [
    ['archive', 'reporter'],
    ['app', 'a"} role: $where'],
    ['archive', 'admin.app'],
  ] as const) {
    await double.run(db, { createRole: name, privileges, roles: [] });
  }
  await double.run('admin', {
    createRole: 'outer',
    privileges: [],
    roles: [
      { role: 'reporter', db: 'archive' },
      { role: 'read', db: 'app' },
    ],
    authenticationRestrictions: [{ clientSource: ['127.0.0.1'] }],
  });
}

/** What happens to a user between two rotations. */
export type RightsChange = (username: string, db: string) => Document;

const some = fc.subarray([...roles], { minLength: 1 });
const restriction = fc
  .record(
    {
      clientSource: fc.subarray(['127.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32'], { minLength: 1 }),
      serverAddress: fc.subarray(['127.0.0.0/8', '192.0.2.7'], { minLength: 1 }),
    },
    { requiredKeys: [] },
  )
  .filter((one) => Object.keys(one).length > 0);

const data = fc.dictionary(
  fc.constantFrom('team', 'a.b', '$set', 'größe', 'x'),
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.integer()),
  ),
);

export const rightsChanges: fc.Arbitrary<RightsChange> = fc.oneof(
  some.map((given) => (name: string) => ({ grantRolesToUser: name, roles: given })),
  some.map((taken) => (name: string) => ({ revokeRolesFromUser: name, roles: taken })),
  fc.subarray([...roles]).map((all) => (name: string) => ({ updateUser: name, roles: all })),
  data.map((customData) => (name: string) => ({ updateUser: name, customData })),
  fc.array(restriction, { maxLength: 2 }).map((list) => (name: string) => ({
    updateUser: name,
    authenticationRestrictions: list,
  })),
  fc.subarray(['SCRAM-SHA-1', 'SCRAM-SHA-256'], { minLength: 1 }).map((mechanisms) => (name: string) => ({
    updateUser: name,
    pwd: 'between',
    mechanisms,
  })),
);
