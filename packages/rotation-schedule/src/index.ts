export type { RotationRules } from './rotation-rules.ts';
export { type RotationWindow, type Schedule, ScheduleError, type ScheduleState, scheduleOf } from './schedule.ts';
