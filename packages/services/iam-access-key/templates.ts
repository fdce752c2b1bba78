import type { ServiceTemplates } from '../../../scripts/pack/template-facts.ts';

/** What IAM access keys say of themselves for their template. */
export const templates: ServiceTemplates = {
  title: 'IAM access keys',
  package: '@keyturn/iam-access-key',
  make: { call: 'iamAccessKey()', imports: ['iamAccessKey'] },
  folder: 'packages/services/iam-access-key',
  iamUsers: true,
  secret: [
    { name: 'UserName', example: 'app', meaning: 'may be absent; where it is there, it must name the user of the key' },
    { name: 'AccessKeyId', example: 'AKIA…', meaning: 'needed' },
    { name: 'SecretAccessKey', example: '…', meaning: 'needed' },
  ],
  errors: [
    {
      code: 'login-failed',
      meaning: 'STS does not accept the key: unknown, inactive, deleted, too new, or another secret.',
    },
    { code: 'user-mismatch', meaning: '`UserName` names another user than STS.' },
    { code: 'credential-limit-reached', meaning: 'The other key of the user is somebody else’s.' },
  ],
  templates: [
    {
      name: 'SecretsManagerIAMAccessKeyRotation',
      strategy: 'issued-credentials',
      rotates: 'the access keys of IAM users',
      // testSecret waits up to 60 seconds until STS accepts the new key.
      timeoutSeconds: 90,
      grants: [
        {
          when: 'The user needs no right for the rotation: the function’s role makes and deletes its keys. One user, one secret. The first key is made by hand:',
          language: 'text',
          statements: 'aws iam create-access-key --user-name app',
        },
      ],
    },
  ],
};
