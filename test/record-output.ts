import { recordThisProcess } from '@keyturn/engine-conformance';

// Runs before each test file: what rotations print is kept for the search for secrets, and not shown.
recordThisProcess();
