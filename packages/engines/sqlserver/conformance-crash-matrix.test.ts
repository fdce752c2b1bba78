import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { sqlserver } from './src/index.ts';

// Every point once; the whole is in the deep search.
describeConformance(sqlserver(), service, { part: 'crash matrix' });
