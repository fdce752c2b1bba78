import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { mysql } from './src/index.ts';

describeConformance(mysql(), service, { servers: 'all', extent: 'all' });
