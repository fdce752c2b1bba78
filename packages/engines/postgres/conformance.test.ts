import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { postgres } from './src/index.ts';

describeConformance(postgres(), service, { part: 'scenarios' });
