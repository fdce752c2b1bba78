import { describeCrashMatrix, singleUserForms } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { mariadb } from './src/index.ts';

// The user's own form, and half of it; the whole is in the deep search.
for (const service of services)
  describeCrashMatrix(service, singleUserForms(mariadb()).slice(0, 1), { extent: 'half' });
