import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

/** What Redis says of itself for its template. */
export const templates: ServiceTemplates = {
  title: 'Redis and Valkey',
  package: '@keyturn/engine-redis',
  make: { call: 'redis()', imports: ['redis'] },
  folder: 'packages/engines/redis',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    { name: 'engine', example: 'redis', meaning: '`redis` or `valkey`' },
    { name: 'host', example: 'cache.example.com', meaning: 'name or address; the certificate must hold it' },
    { name: 'port', example: 6379, meaning: '6379 unless given' },
    { name: 'username', example: 'app', meaning: 'without a space and a line break' },
    { name: 'password', example: '…', meaning: 'at most 512 characters where it is made here' },
    { name: 'masterarn', meaning: 'the ARN of the master secret; or the parameter `masterSecretArn`' },
    { name: 'ssl', meaning: '`false` for a login without TLS; anything else means TLS, verified' },
  ],
  errors: [
    { code: 'login-failed', meaning: 'Also a user that is off or does not exist.' },
    {
      code: 'auth-method-unsupported',
      meaning: 'The user takes any password (nopass), or the server is older than Redis 6.',
    },
    { code: 'account-locked', meaning: 'The user is off.' },
    {
      code: 'statement-failed',
      meaning: 'The server cannot save its users, or somebody else has changed the user at the same moment.',
    },
  ],
  templates: [
    {
      name: 'SecretsManagerRedisRotationMultiCredential',
      strategy: 'multi-credential',
      rotates: 'Redis and Valkey users on servers of your own',
      grants: [
        {
          when: 'The master needs this, and `+config|rewrite` where the server has no ACL file:',
          language: 'text',
          statements:
            'ACL SETUSER rotation-master on >… resetkeys resetchannels -@all +acl|getuser +acl|setuser +acl|save',
        },
      ],
    },
  ],
};
