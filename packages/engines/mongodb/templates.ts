import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const mongo = 'users of MongoDB';
const documentDb = 'users of Amazon DocumentDB';

/** What MongoDB and Amazon DocumentDB says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'MongoDB and Amazon DocumentDB',
  package: '@keyturn/engine-mongodb',
  make: { call: 'mongodb()', imports: ['mongodb'] },
  folder: 'packages/engines/mongodb',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    { name: 'engine', example: 'mongo', meaning: '`mongo`, `mongodb` or `docdb`' },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 27017, meaning: '27017 unless given' },
    { name: 'username', example: 'app', meaning: 'at most 1024 bytes' },
    { name: 'password', example: '…', meaning: '8 to 100 characters where it is made here' },
    { name: 'dbname', example: 'admin', meaning: 'the authentication database; `admin` unless given' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [{ code: 'read-only-server', meaning: 'No primary was found.' }],
  templates: [
    {
      name: 'SecretsManagerMongoDBRotationSingleUser',
      strategy: 'single-user',
      rotates: mongo,
      grants: [
        {
          when: 'Once for the server, then for each user that changes its own password:',
          language: 'js',
          statements: `db.getSiblingDB('admin').runCommand({ createRole: 'changeOwnPassword', privileges: [{ resource: { db: '', collection: '' }, actions: ['changeOwnPassword'] }], roles: [] })
db.getSiblingDB('app').grantRolesToUser('app', [{ role: 'changeOwnPassword', db: 'admin' }])`,
        },
        {
          when: `For \`passwordChangedBy=master\`, the master administers the users:`,
          language: 'js',
          statements: `db.getSiblingDB('admin').createUser({ user: 'rotation_master', pwd: passwordPrompt(), roles: [{ role: 'userAdminAnyDatabase', db: 'admin' }] })`,
        },
      ],
    },
    {
      name: 'SecretsManagerMongoDBRotationMultiUser',
      strategy: 'alternating-users',
      rotates: mongo,
      grants: [
        {
          when: 'The master administers the users, and hands on their roles:',
          language: 'js',
          statements: `db.getSiblingDB('admin').createUser({ user: 'rotation_master', pwd: passwordPrompt(), roles: [{ role: 'userAdminAnyDatabase', db: 'admin' }] })`,
        },
      ],
    },
    {
      name: 'SecretsManagerDocumentDBRotationSingleUser',
      strategy: 'single-user',
      rotates: documentDb,
      method: 'documentdb',
      make: { call: "mongodb({ server: 'documentdb' })", imports: ['mongodb'] },
      grants: [
        {
          when: `For \`passwordChangedBy=master\`, the master administers the users:`,
          language: 'js',
          statements: `db.getSiblingDB('admin').createUser({ user: 'rotation_master', pwd: passwordPrompt(), roles: [{ role: 'userAdminAnyDatabase', db: 'admin' }] })`,
        },
      ],
    },
    {
      name: 'SecretsManagerDocumentDBRotationMultiUser',
      strategy: 'alternating-users',
      rotates: documentDb,
      method: 'documentdb',
      make: { call: "mongodb({ server: 'documentdb' })", imports: ['mongodb'] },
      asksRds: true,
      grants: [
        {
          when: 'The master administers the users, and hands on their roles:',
          language: 'js',
          statements: `db.getSiblingDB('admin').createUser({ user: 'rotation_master', pwd: passwordPrompt(), roles: [{ role: 'userAdminAnyDatabase', db: 'admin' }] })`,
        },
      ],
    },
  ],
};
