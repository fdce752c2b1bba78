export { type Availability, measureAvailability } from './availability/measure-availability.ts';
export {
  alternatingUsersForms,
  type CrashMatrixForm,
  describeCrashMatrix,
  multiCredentialForms,
  runMatrix,
  singleUserForms,
} from './crash-matrix/crash-matrix.ts';
export {
  CallCounter,
  type Crash,
  type CrashPoint,
  crashesAt,
  sameCrashPoint,
} from './crash-matrix/points.ts';
export { type RecoveringWorld, type Recovery, recoveries } from './crash-matrix/recoveries.ts';
