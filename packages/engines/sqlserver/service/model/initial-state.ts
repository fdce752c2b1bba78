import { hashPassword } from './password-hash.ts';
import { PermissionTable } from './permission-table.ts';
import type { DatabasePrincipal, DatabaseState, ServerPrincipal, ServerState } from './server-state.ts';

/** Fixed ids, as every server has them. */
export const saId = 1;
export const publicServerRoleId = 2;
export const sysadminId = 3;
export const publicId = 0;
export const dboId = 1;
export const guestId = 2;
export const dbOwnerId = 16_384;
const saSid = '0x01';

const serverRoles = [
  'sysadmin',
  'securityadmin',
  'serveradmin',
  'setupadmin',
  'processadmin',
  'diskadmin',
  'dbcreator',
];
const databaseRoles = [
  'db_owner',
  'db_accessadmin',
  'db_securityadmin',
  'db_ddladmin',
  'db_unused',
  'db_backupoperator',
  'db_datareader',
  'db_datawriter',
  'db_denydatareader',
  'db_denydatawriter',
];

/** A server as it is installed, with its system databases. */
export function initialState(saPassword: string): ServerState {
  const state: ServerState = {
    nextId: 300,
    principals: [
      { ...login(saId, 'sa', saSid), passwordHash: hashPassword(saPassword) },
      ...['public', ...serverRoles].map((name, index) => role(publicServerRoleId + index, name, true)),
    ],
    members: [{ role: sysadminId, member: saId }],
    permissions: new PermissionTable([
      { class: 100, major: 0, minor: 0, grantee: saId, grantor: saId, name: 'CONNECT SQL', state: 'G' },
    ]),
    endpoints: [{ class: 105, id: 4, name: 'TSQL Default TCP', owner: saId, columns: [] }],
    availabilityGroups: [{ class: 108, id: 65_536, name: 'orders group', owner: saId, columns: [] }],
    credentials: [{ id: 65_537, name: 'backup credential' }],
    loginCredentials: [],
    databases: [],
    jobs: [],
  };
  for (const name of ['master', 'tempdb', 'model', 'msdb']) state.databases.push(database(state, name, saSid));
  return state;
}

/** A database as CREATE DATABASE makes it; its id is the next one. */
export function database(
  state: ServerState,
  name: string,
  ownerSid: string,
  { contained = false }: { readonly contained?: boolean } = {},
): DatabaseState {
  const principals: DatabasePrincipal[] = [
    user(publicId, 'public', { type: 'R', authentication: 0, sid: null }),
    user(dboId, 'dbo', { sid: ownerSid }),
    user(guestId, 'guest', { sid: '0x00', authentication: 0 }),
    user(3, 'INFORMATION_SCHEMA', { sid: null, authentication: 0 }),
    user(4, 'sys', { sid: null, authentication: 0 }),
    ...databaseRoles.map((each, index) =>
      user(dbOwnerId + index, each, { type: 'R', authentication: 0, sid: null, fixed: true }),
    ),
  ];
  const isSystem = ['master', 'tempdb', 'msdb'].includes(name);
  return {
    id: state.databases.length + 1,
    name,
    ownerSid,
    state: 'ONLINE',
    readOnly: false,
    contained,
    principals,
    members: [{ role: dbOwnerId, member: dboId }],
    permissions: new PermissionTable([
      { class: 0, major: 0, minor: 0, grantee: dboId, grantor: dboId, name: 'CONNECT', state: 'G' },
      // Everybody may go to a system database, as its guest.
      ...(isSystem
        ? [{ class: 0, major: 0, minor: 0, grantee: guestId, grantor: dboId, name: 'CONNECT', state: 'G' as const }]
        : []),
    ]),
    things: [
      { class: 3, id: 1, name: 'dbo', owner: dboId, columns: [] },
      { class: 3, id: 2, name: 'guest', owner: guestId, columns: [] },
      { class: 3, id: 4, name: 'sys', owner: 4, columns: [] },
      {
        class: 1,
        id: -1,
        name: 'sysjobs',
        schema: name === 'msdb' ? 1 : 4,
        owner: null,
        columns: ['name', 'owner_sid'],
      },
    ],
  };
}

/** A login with the defaults of CREATE LOGIN. */
export function login(id: number, name: string, sid: string): ServerPrincipal {
  return {
    id,
    name,
    type: 'S',
    sid,
    fixed: false,
    owner: saId,
    disabled: false,
    defaultDatabase: 'master',
    defaultLanguage: 'us_english',
    checkPolicy: true,
    checkExpiration: false,
    mustChange: false,
    expired: false,
    badPasswords: 0,
    history: [],
  };
}

/** A role of the server. */
export function role(id: number, name: string, fixed: boolean): ServerPrincipal {
  const { sid, ...rest } = login(id, name, `0x${id.toString(16).padStart(8, '0').toUpperCase()}`);
  return { ...rest, sid, type: 'R', fixed, defaultDatabase: null, defaultLanguage: null, checkPolicy: false };
}

/** A user of a database with the defaults of CREATE USER. */
export function user(
  id: number,
  name: string,
  more: Partial<DatabasePrincipal> & Pick<DatabasePrincipal, 'sid'>,
): DatabasePrincipal {
  return {
    id,
    name,
    type: 'S',
    authentication: 1,
    fixed: false,
    owner: dboId,
    defaultSchema: more.type === 'R' ? null : 'dbo',
    defaultLanguage: null,
    encryptedModifications: false,
    ...more,
  };
}
