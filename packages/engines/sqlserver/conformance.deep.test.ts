import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { sqlserver } from './src/index.ts';

describeConformance(sqlserver(), service, { extent: 'all' });
