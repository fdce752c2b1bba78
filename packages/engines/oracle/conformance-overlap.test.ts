import { describeCrashMatrix, multiCredentialForms } from '@keyturn/engine-conformance/suite';
import { rolloverService } from './service/index.ts';
import { oracle } from './src/index.ts';

// The scenarios, and the form in which the user changes its own password, are in the deep search.
const engine = oracle({ longPasswords: true, overlap: true });
describeCrashMatrix(rolloverService, multiCredentialForms(engine, ['master']), { extent: 'each' });
