export { type Clock, ManualClock, realClock } from './clock.ts';
export type { HttpDoor } from './doors/http-door.ts';
export type { InProcessDoor, InProcessDoorOptions, SdkRequest, SdkResponse } from './doors/in-process-door.ts';
export type { CallHook, CallPoint, Fault, FaultAction } from './faults/fault-action.ts';
export {
  type BundleProcess,
  type BundleProcessOptions,
  bundleProcess,
  type LogLine,
} from './functions/bundle-process.ts';
export { FunctionError } from './functions/function-error.ts';
export type { RegisterOptions } from './functions/function-registry.ts';
export { type InProcessOptions, inProcess } from './functions/in-process-function.ts';
export type {
  FunctionContext,
  FunctionIdentity,
  RotationEvent,
  RotationHandler,
  RotationTarget,
} from './functions/rotation-target.ts';
export {
  type ClientOptions,
  LocalSecretsManager,
  type LocalSecretsManagerOptions,
  type OpenOptions,
} from './local-secrets-manager.ts';
export type { ManagedSecret, ManagedSecretOptions } from './managed/managed-secret.ts';
export { DataFolderError } from './persistence/data-folder-error.ts';
export { publishedQuotas, type Quota } from './quotas/quotas.ts';
export type { RotationResult, RotationSettings } from './rotation/rotation-settings.ts';
export type { LabelRules } from './state/labels.ts';
export type { Version, Versions } from './state/secret.ts';
export type {
  CallEntry,
  LabelsEntry,
  OtherEntry,
  RotationEntry,
  RotationEventName,
  ServiceEntry,
  StepEntry,
  TimelineEntry,
} from './timeline/entries.ts';
export type { Timeline } from './timeline/timeline.ts';
