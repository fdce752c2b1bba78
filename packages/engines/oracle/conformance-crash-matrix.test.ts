import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { oracle } from './src/index.ts';

describeConformance(oracle({ longPasswords: true }), service, { part: 'crash matrix' });
