import { describeConformance } from '../describe-conformance.ts';
import { lineEngine } from './line-engine.fixture.ts';
import { lineService } from './line-service.fixture.ts';

// Engines without a defect: what the control finds in others is not in the suite.
describeConformance(lineEngine(), [lineService], { part: 'scenarios' });
describeConformance(lineEngine(undefined, { overlap: true }), [lineService], { part: 'scenarios' });
