import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const rotates = 'MySQL users on Amazon RDS, on Aurora, and on servers of your own';

/** What MySQL says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'MySQL',
  package: '@keyturn/engine-mysql',
  make: { call: 'mysql()', imports: ['mysql'] },
  folder: 'packages/engines/mysql',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    { name: 'engine', example: 'mysql', meaning: '`mysql`, `aurora-mysql` or `aurora`' },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 3306, meaning: '3306 unless given' },
    { name: 'username', example: 'app', meaning: 'at most 32 characters, 16 up to MySQL 5.6' },
    { name: 'password', example: '…', meaning: 'what the server takes' },
    { name: 'dbname', example: 'app', meaning: 'may be absent' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [{ code: 'login-not-allowed', meaning: 'No account is for the function’s address, or the host is blocked.' }],
  templates: [
    {
      name: 'SecretsManagerRDSMySQLRotationSingleUser',
      strategy: 'single-user',
      rotates,
      grants: [
        {
          when: 'The user changes its own password: no right at all. For `passwordChangedBy=master`, the master needs:',
          statements: `CREATE USER rotation_master@'10.0.%' IDENTIFIED BY '…' REQUIRE SSL;
GRANT CREATE USER ON *.* TO rotation_master@'10.0.%';
GRANT SELECT ON mysql.* TO rotation_master@'10.0.%';`,
        },
      ],
    },
    {
      name: 'SecretsManagerRDSMySQLRotationMultiUser',
      strategy: 'alternating-users',
      rotates,
      asksRds: true,
      grants: [
        {
          when: 'The master needs this, and with GRANT OPTION what the user has:',
          statements: `CREATE USER rotation_master@'10.0.%' IDENTIFIED BY '…' REQUIRE SSL;
GRANT CREATE USER ON *.* TO rotation_master@'10.0.%';
GRANT SELECT ON mysql.* TO rotation_master@'10.0.%';`,
        },
      ],
    },
    {
      name: 'SecretsManagerRDSMySQLRotationMultiCredential',
      strategy: 'multi-credential',
      rotates: 'MySQL users on servers from 8.0.14 on',
      make: { call: 'mysql({ overlap: true })', imports: ['mysql'] },
      grants: [
        {
          when: 'The master needs:',
          statements: `CREATE USER rotation_master@'10.0.%' IDENTIFIED BY '…' REQUIRE SSL;
GRANT CREATE USER ON *.* TO rotation_master@'10.0.%';
GRANT SELECT ON mysql.* TO rotation_master@'10.0.%';`,
        },
      ],
    },
  ],
};
