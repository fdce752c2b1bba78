import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const rotates = 'PostgreSQL users on Amazon RDS, on Aurora, and on servers of your own';

/** What PostgreSQL says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'PostgreSQL',
  package: '@keyturn/engine-postgres',
  make: { call: 'postgres()', imports: ['postgres'] },
  folder: 'packages/engines/postgres',
  excludedCharacters: `: / @ " ' \\`,
  secret: [
    { name: 'engine', example: 'postgres', meaning: '`postgres` or `aurora-postgresql`' },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 5432, meaning: '5432 unless given' },
    { name: 'username', example: 'app', meaning: 'at most 63 bytes' },
    { name: 'password', example: '…', meaning: 'printable ASCII' },
    { name: 'dbname', example: 'app', meaning: '`postgres` unless given' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [
    { code: 'login-failed', meaning: 'Also an unknown role, or one whose VALID UNTIL has passed.' },
    { code: 'account-locked', meaning: 'The role has NOLOGIN.' },
    { code: 'login-not-allowed', meaning: 'No rule of pg_hba.conf lets the user in.' },
    {
      code: 'password-refused',
      meaning: 'passwordcheck and the like; those that must see the password need the option plaintextPassword.',
    },
    { code: 'read-only-server', meaning: 'A read replica.' },
  ],
  templates: [
    {
      name: 'SecretsManagerRDSPostgreSQLRotationSingleUser',
      strategy: 'single-user',
      rotates,
      grants: [
        {
          when: 'Every user may change its own password. On RDS with `rds.restrict_password_commands`:',
          statements: 'GRANT rds_password TO "app";',
        },
        {
          when: 'For `passwordChangedBy=master`; the second from PostgreSQL 16 on, for users that the master did not make itself:',
          statements: 'ALTER ROLE "master" CREATEROLE;\nGRANT "app" TO "master" WITH ADMIN OPTION;',
        },
      ],
    },
    {
      name: 'SecretsManagerRDSPostgreSQLRotationMultiUser',
      strategy: 'alternating-users',
      rotates,
      asksRds: true,
      clients:
        'Nothing but another user name: the user that was in use goes on as it was. The second user acts as the first, so that whatever either makes belongs to the first one. Grant to the first one only.',
      grants: [
        {
          when: 'The master needs, if it is no superuser; the second from PostgreSQL 16 on, for a user that it did not make itself:',
          statements: 'ALTER ROLE "master" CREATEROLE;\nGRANT "app" TO "master" WITH ADMIN OPTION;',
        },
        {
          when: 'Only for a second user that is there already, from PostgreSQL 16 on:',
          statements: 'GRANT "app_clone" TO "master" WITH ADMIN OPTION;',
        },
      ],
    },
  ],
};
