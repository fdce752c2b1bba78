import { describeCrashMatrix, singleUserForms } from '@keyturn/engine-conformance/suite';
import { services } from './service/index.ts';
import { postgres } from './src/index.ts';

const newest = services.at(-1);
if (newest === undefined) throw new Error('there is no PostgreSQL for this platform');
describeCrashMatrix(newest, singleUserForms(postgres()));
