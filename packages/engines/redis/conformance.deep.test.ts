import { describeCrashMatrix, multiCredentialForms, singleUserForms } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { redis } from './src/index.ts';

for (const service of services) {
  describeCrashMatrix(service, [...singleUserForms(redis()), ...multiCredentialForms(redis(), ['user', 'master'])]);
}
