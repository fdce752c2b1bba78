export { type Availability, measureAvailability } from './availability/measure-availability.ts';
export { type ConformanceOptions, describeConformance } from './conformance/describe-conformance.ts';
export { runScenarios, type ScenarioResult } from './conformance/run-scenarios.ts';
export { type CrashMatrixExtent, describeCrashMatrix, runMatrix } from './crash-matrix/crash-matrix.ts';
export {
  alternatingUsersForms,
  type CrashMatrixForm,
  formsOf,
  multiCredentialForms,
  singleUserForms,
} from './crash-matrix/forms.ts';
export {
  CallCounter,
  type Crash,
  type CrashPoint,
  crashesAt,
  sameCrashPoint,
} from './crash-matrix/points.ts';
export { type RecoveringWorld, type Recovery, recoveries } from './crash-matrix/recoveries.ts';
