import { changes } from './changes.ts';
import { failures } from './failures.ts';
import { hostileCatalogue } from './hostile-catalogue.ts';
import { deadlines, lostConnections } from './interruptions.ts';
import { logins } from './logins.ts';
import { names } from './names.ts';
import { output } from './output.ts';
import { passwords } from './passwords.ts';
import { replicaLag } from './replica-lag.ts';
import { lockout, parallelRotations, rotations } from './rotations.ts';
import type { ScenarioGroup } from './scenario.ts';
import { tls } from './tls.ts';
import { twins } from './twins.ts';

/** Everything that the suite looks at, besides the crash matrix. */
export const scenarioGroups: readonly ScenarioGroup[] = [
  logins,
  changes,
  twins,
  rotations,
  passwords,
  names,
  hostileCatalogue,
  failures,
  output,
  tls,
  lostConnections,
  deadlines,
  parallelRotations,
  replicaLag,
  lockout,
];
