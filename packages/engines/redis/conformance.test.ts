import { describeCrashMatrix, multiCredentialForms } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { redis } from './src/index.ts';

// Half of it; the whole is in the deep search.
for (const service of services) {
  describeCrashMatrix(service, multiCredentialForms(redis(), ['master']), { extent: 'half' });
}
