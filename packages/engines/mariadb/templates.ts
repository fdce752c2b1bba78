import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const rotates = 'MariaDB users on Amazon RDS and on servers of your own';

/** What MariaDB says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'MariaDB',
  package: '@keyturn/engine-mariadb',
  make: { call: 'mariadb()', imports: ['mariadb'] },
  folder: 'packages/engines/mariadb',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    { name: 'engine', example: 'mariadb', meaning: '`mariadb`' },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 3306, meaning: '3306 unless given' },
    { name: 'username', example: 'app', meaning: 'at most 80 characters' },
    { name: 'password', example: '…', meaning: 'at most 255 characters' },
    { name: 'dbname', example: 'app', meaning: 'may be absent; where it is given, the user needs a right in it' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [
    { code: 'login-failed', meaning: 'Also an account that demands TLS, where the secret says "ssl": false.' },
    { code: 'login-not-allowed', meaning: 'No account is for the function’s address, or the host is blocked.' },
    { code: 'account-locked', meaning: 'ACCOUNT LOCK, or blocked after max_password_errors refused logins.' },
    { code: 'unknown-database', meaning: 'Also a database that the user has no right in.' },
    {
      code: 'password-refused',
      meaning: 'Password rules that must see the password need the option plaintextPassword.',
    },
  ],
  templates: [
    {
      name: 'SecretsManagerRDSMariaDBRotationSingleUser',
      strategy: 'single-user',
      rotates,
      grants: [
        {
          when: 'The user changes its own password: no right at all. For `passwordChangedBy=master`, the master needs:',
          statements:
            "CREATE USER rotation_master@'10.0.%' IDENTIFIED BY '…' REQUIRE SSL;\nGRANT SELECT, UPDATE ON mysql.* TO rotation_master@'10.0.%';",
        },
      ],
    },
    {
      name: 'SecretsManagerRDSMariaDBRotationMultiUser',
      strategy: 'alternating-users',
      rotates,
      asksRds: true,
      grants: [
        {
          when: 'The master needs, with the database and the role of an application for an example; the last two are what it hands on:',
          statements: `CREATE USER rotation_master@'10.0.%' IDENTIFIED BY '…' REQUIRE SSL;
GRANT CREATE USER ON *.* TO rotation_master@'10.0.%';
GRANT SELECT, UPDATE ON mysql.* TO rotation_master@'10.0.%';
GRANT ALL ON app.* TO rotation_master@'10.0.%' WITH GRANT OPTION;
GRANT app_role TO rotation_master@'10.0.%' WITH ADMIN OPTION;`,
        },
      ],
    },
  ],
};
