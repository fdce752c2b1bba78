import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { redis } from './src/index.ts';

describeConformance(redis(), service, { part: 'scenarios' });
