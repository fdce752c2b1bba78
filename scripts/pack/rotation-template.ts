import type { ServiceTemplates } from './template-facts.ts';

/** The template for a service of one's own, whose handler people change. */
export const rotationTemplate: ServiceTemplates = {
  title: 'RotationFunction',
  package: '@keyturn/core',
  make: { call: 'RotationFunction', imports: ['RotationFunction'] },
  folder: 'packages/core',
  excludedCharacters: `/ @ " ' \\`,
  secret: [
    { name: 'url', example: 'https://service.example', meaning: 'where the service is, over HTTPS' },
    { name: 'username', example: 'app', meaning: 'the account' },
    { name: 'password', example: '…', meaning: 'what is rotated' },
  ],
  errors: [],
  templates: [
    {
      name: 'SecretsManagerRotationTemplate',
      strategy: 'own-service',
      method: 'httpPassword',
      rotates: 'a credential of a service of your own',
      handlerByHand: true,
      grants: [
        {
          when: 'What your service asks for. As it stands, the handler changes a password over HTTP, by the account itself:',
          language: 'text',
          statements: 'PUT https://service.example/password {"password": "…"}',
        },
      ],
    },
  ],
};
