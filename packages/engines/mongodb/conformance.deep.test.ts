import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { documentdbServices } from './service/index.ts';
import { mongodb } from './src/index.ts';

describeConformance(mongodb(), service, { servers: 'all', extent: 'all' });
describeConformance(mongodb({ server: 'documentdb' }), documentdbServices, { extent: 'all' });
