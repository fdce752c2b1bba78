import { alternatingUsersForms, describeCrashMatrix } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { mariadb } from './src/index.ts';

// Half of it; the whole is in the deep search.
for (const service of services) {
  describeCrashMatrix(service, alternatingUsersForms(mariadb()), { extent: 'half' });
}
