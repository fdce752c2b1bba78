import { alternatingUsersForms, describeCrashMatrix, singleUserForms } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { mariadb } from './src/index.ts';

for (const service of services) {
  describeCrashMatrix(service, [...singleUserForms(mariadb()), ...alternatingUsersForms(mariadb())]);
}
