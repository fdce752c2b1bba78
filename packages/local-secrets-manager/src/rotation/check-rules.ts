import { type RotationRules, ScheduleError, scheduleOf } from '@keyturn/rotation-schedule';
import { invalidParameter } from '../wire/service-error.ts';

/** Refuses rotation rules as the service does (fact 27). @throws ServiceError InvalidParameterException */
export function checkRules(rules: RotationRules): void {
  try {
    scheduleOf(rules);
  } catch (error) {
    throw error instanceof ScheduleError ? invalidParameter(error.message) : error;
  }
}
