export {
  alternatingUsersForms,
  type CrashMatrixForm,
  describeCrashMatrix,
  multiCredentialForms,
  runMatrix,
  singleUserForms,
} from './crash-matrix/crash-matrix.ts';
export { type Recovery, recoveries } from './crash-matrix/recoveries.ts';
