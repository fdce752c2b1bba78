import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { mysql } from './src/index.ts';

// With the overlap, for what it does in place of the single user's change is the harder half.
describeConformance(mysql({ overlap: true }), service, { part: 'crash matrix' });
