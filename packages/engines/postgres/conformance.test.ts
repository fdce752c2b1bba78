import { describeCrashMatrix, singleUserForms } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { postgres } from './src/index.ts';

// The user's own form, and half of it, on the newest server; the whole on every server is in the deep search.
const newest = services.at(-1);
if (newest === undefined) throw new Error('there is no PostgreSQL for this platform');
describeCrashMatrix(newest, singleUserForms(postgres()).slice(0, 1), { extent: 'half' });
