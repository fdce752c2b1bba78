import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

const rotates = 'users of Amazon Redshift, provisioned and serverless';

/** What Amazon Redshift says of itself for its templates. */
export const templates: ServiceTemplates = {
  title: 'Amazon Redshift',
  package: '@keyturn/engine-redshift',
  make: { call: 'redshift()', imports: ['redshift'] },
  folder: 'packages/engines/redshift',
  excludedCharacters: `: / @ " ' \\`,
  secret: [
    { name: 'engine', example: 'redshift', meaning: '`redshift` or `redshift-serverless`' },
    { name: 'host', example: 'db.example.com', meaning: 'name or address; the certificate of the server must hold it' },
    { name: 'port', example: 5439, meaning: '5439 unless given' },
    { name: 'username', example: 'app', meaning: 'at most 127 bytes' },
    { name: 'password', example: '…', meaning: '8 to 64 characters' },
    { name: 'dbname', example: 'dev', meaning: '`dev` unless given' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [
    { code: 'login-failed', meaning: 'Also an unknown user, or one whose VALID UNTIL has passed.' },
    {
      code: 'rights-not-cloneable',
      meaning: 'Also objects that one of the two users owns: ownership cannot be shared.',
    },
  ],
  templates: [
    {
      name: 'SecretsManagerRedshiftRotationSingleUser',
      strategy: 'single-user',
      rotates,
      grants: [
        {
          when: `Every user may change its own password. For \`passwordChangedBy=master\`, the master is a superuser, or:`,
          statements:
            'GRANT ROLE sys:secadmin TO "master"; -- or a role of your own with the system permission ALTER USER',
        },
      ],
    },
    {
      name: 'SecretsManagerRedshiftRotationMultiUser',
      strategy: 'alternating-users',
      rotates,
      grants: [
        {
          when: 'The master needs to be a superuser, which the admin user of a cluster or a namespace is: nobody else sees all rights of other users.',
          statements: 'ALTER USER "master" CREATEUSER;',
        },
      ],
    },
  ],
};
