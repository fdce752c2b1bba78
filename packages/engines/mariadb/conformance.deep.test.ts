import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { mariadb } from './src/index.ts';

describeConformance(mariadb(), service, { servers: 'all', extent: 'all' });
