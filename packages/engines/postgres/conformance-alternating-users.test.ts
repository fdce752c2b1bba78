import { alternatingUsersForms, describeCrashMatrix } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { postgres } from './src/index.ts';

// The newest here; the others in the deep search.
const newest = services.at(-1);
if (newest !== undefined) describeCrashMatrix(newest, alternatingUsersForms(postgres()));
