import { describeConformance } from '@keyturn/engine-conformance/suite';
import * as service from './service/index.ts';
import { oracle } from './src/index.ts';

// Each release for itself: 19c takes 30 bytes, so it is met as the engine comes, without the option for more.
describeConformance(oracle(), service.services.slice(0, 1), { extent: 'all' });
describeConformance(oracle({ longPasswords: true }), service, { extent: 'all' });
describeConformance(oracle({ longPasswords: true, overlap: true }), [service.rolloverService], { extent: 'all' });
