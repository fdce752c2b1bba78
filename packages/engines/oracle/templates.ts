import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const rotates = 'Oracle users on Amazon RDS and on servers of your own';

/** What Oracle says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'Oracle',
  package: '@keyturn/engine-oracle',
  make: { call: 'oracle()', imports: ['oracle'] },
  functionOptions:
    '// Servers before 23ai take 30 bytes.\nconst options = process.env.PASSWORD_LENGTH ? {} : { password: { passwordLength: 30 } };',
  folder: 'packages/engines/oracle',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    { name: 'engine', example: 'oracle', meaning: '`oracle`, or an edition of Amazon RDS such as `oracle-ee`' },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 1521, meaning: '1521 unless given; TLS has a port of its own' },
    { name: 'username', example: 'app', meaning: 'in upper case unless the dictionary has it otherwise' },
    { name: 'password', example: '…', meaning: 'at most 30 bytes where it is made here' },
    { name: 'dbname', example: 'ORCL', meaning: 'a service name or a SID; `ORCL` unless given' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [{ code: 'account-locked', meaning: 'Too many refused logins (FAILED_LOGIN_ATTEMPTS), or ACCOUNT LOCK.' }],
  templates: [
    {
      name: 'SecretsManagerRDSOracleRotationSingleUser',
      strategy: 'single-user',
      rotates,
      grants: [
        {
          when: `The user changes its own password: no right but \`CREATE SESSION\`. For \`passwordChangedBy=master\`, the master needs:`,
          statements: `CREATE USER rotation_master IDENTIFIED BY "…";
GRANT CREATE SESSION, ALTER USER TO rotation_master;`,
        },
      ],
    },
    {
      name: 'SecretsManagerRDSOracleRotationMultiUser',
      strategy: 'alternating-users',
      rotates,
      asksRds: true,
      grants: [
        {
          when: `The master needs, with the rights of an application for an example; the last three, and \`CREATE SESSION\`, are what it hands on:`,
          statements: `CREATE USER rotation_master IDENTIFIED BY "…";
GRANT CREATE SESSION TO rotation_master WITH ADMIN OPTION;
GRANT CREATE USER, ALTER USER TO rotation_master;
GRANT SELECT_CATALOG_ROLE TO rotation_master;
GRANT CREATE TABLE TO rotation_master WITH ADMIN OPTION;
GRANT app_role TO rotation_master WITH ADMIN OPTION;
GRANT SELECT, INSERT ON hr.orders TO rotation_master WITH GRANT OPTION;`,
        },
      ],
    },
  ],
};
