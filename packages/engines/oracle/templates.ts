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
    { name: 'port', example: 1521, meaning: '1521 unless given' },
    { name: 'username', example: 'app', meaning: 'in upper case unless the dictionary has it otherwise' },
    { name: 'password', example: '…', meaning: 'at most 30 bytes where it is made here' },
    { name: 'dbname', example: 'ORCL', meaning: 'a service name or a SID' },
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
          when: 'Every user may change its own password. For `passwordChangedBy=master`, the master needs:',
          statements: 'GRANT ALTER USER TO rotation_master;',
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
          when: 'The master needs this, and the right to hand on what the user has: with ADMIN OPTION, with GRANT OPTION, or GRANT ANY …:',
          statements:
            'GRANT CREATE USER, ALTER USER TO rotation_master;\nGRANT SELECT_CATALOG_ROLE TO rotation_master;',
        },
      ],
    },
  ],
};
