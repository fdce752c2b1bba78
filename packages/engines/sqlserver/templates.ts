import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const rotates = 'SQL Server logins and contained users on Amazon RDS and on servers of your own';

/** What SQL Server says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'SQL Server',
  package: '@keyturn/engine-sqlserver',
  make: { call: 'sqlserver()', imports: ['sqlserver'] },
  folder: 'packages/engines/sqlserver',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    {
      name: 'engine',
      example: 'sqlserver',
      meaning: '`sqlserver`, or RDS’s name of an edition, such as `sqlserver-ex`',
    },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 1433, meaning: '1433 unless given' },
    { name: 'username', example: 'app', meaning: 'at most 128 characters' },
    { name: 'password', example: '…', meaning: 'at most 128 characters' },
    { name: 'dbname', example: 'app', meaning: '`master` unless given; for a contained user, its database' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [
    {
      code: 'login-failed',
      meaning: 'A wrong name or password (18456); also a contained user without its database in dbname.',
    },
    {
      code: 'account-locked',
      meaning: 'The login is disabled (18470), or locked out after too many wrong passwords (18486).',
    },
    { code: 'unknown-database', meaning: 'Also a database in which the login has no user (4060).' },
    { code: 'read-only-server', meaning: 'A replica, or a database that takes no writes.' },
    { code: 'password-refused', meaning: 'The password policy of the server: give the options that satisfy it.' },
  ],
  templates: [
    {
      name: 'SecretsManagerRDSSQLServerRotationSingleUser',
      strategy: 'single-user',
      rotates,
      grants: [
        {
          when: `The user changes its own password: no right at all. For \`passwordChangedBy=master\`, the master needs:`,
          statements: `-- in master
CREATE LOGIN rotation_master WITH PASSWORD = N'…';
GRANT ALTER ANY LOGIN TO rotation_master;`,
        },
      ],
    },
    {
      name: 'SecretsManagerRDSSQLServerRotationMultiUser',
      strategy: 'alternating-users',
      rotates,
      asksRds: true,
      grants: [
        {
          when: `The master needs this, and what it hands on: \`WITH GRANT OPTION\` what is granted on the server itself.`,
          statements: `-- in master
CREATE LOGIN rotation_master WITH PASSWORD = N'…';
GRANT ALTER ANY LOGIN TO rotation_master;
GRANT VIEW ANY DEFINITION, CONNECT ANY DATABASE TO rotation_master;
GRANT ALTER ANY SERVER ROLE TO rotation_master; -- only if the user is in server roles of your own
-- in every database in which the user is
CREATE USER rotation_master FOR LOGIN rotation_master;
ALTER ROLE db_owner ADD MEMBER rotation_master;`,
        },
      ],
    },
  ],
};
