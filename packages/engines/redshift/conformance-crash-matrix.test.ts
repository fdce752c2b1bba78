import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { redshift } from './src/index.ts';

describeConformance(redshift(), service, { part: 'crash matrix' });
