import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { mysql } from './src/index.ts';

// With the overlap: what it adds is tried, too.
describeConformance(mysql({ overlap: true }), service, { part: 'scenarios' });
