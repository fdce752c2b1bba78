import { type RotationRules, scheduleOf } from '@keyturn/rotation-schedule';
import type { Duration } from 'aws-cdk-lib';

/** What of a day a rotation may take. */
export interface RotationWindow {
  /**
   * How long after the schedule's time a rotation may begin: whole hours, within the UTC day.
   * @default - an hour for schedules in hours, until the day ends for others
   */
  readonly window?: Duration;
}

/** The fields of a cron expression, in UTC. Rotations are at full hours. */
export interface RotationCron extends RotationWindow {
  /** Hours: `3`, `3,15`, `0/8`; at least four hours apart. */
  readonly hour: string;
  /**
   * Days of the month: `1`, `1,15`, `L`.
   * @default - every day, or those that weekDay names
   */
  readonly day?: string;
  /**
   * Days of the week: `SUN`, `MON-FRI`, `SUN#1`, `FRIL`.
   * @default - every day, or those that day names
   */
  readonly weekDay?: string;
  /**
   * Months: `JAN,JUL`, `1/3`.
   * @default - every month
   */
  readonly month?: string;
}

/**
 * When a secret is rotated. What the service would refuse is an error here, so that no deploy ends with it; the rules are
 * those of "Schedule expressions in Secrets Manager rotation" in AWS's guide.
 */
export class RotationSchedule {
  /** As AWS::SecretsManager::RotationSchedule takes it. */
  readonly rules: RotationRules;

  private constructor(rules: RotationRules, { window }: RotationWindow) {
    const hours = window?.toHours({ integral: false });
    if (hours !== undefined && !Number.isInteger(hours))
      throw new Error('window: whole hours, such as Duration.hours(2).');
    this.rules = hours === undefined ? rules : { ...rules, Duration: `${hours}h` };
    try {
      scheduleOf(this.rules);
    } catch (error) {
      const told = rules.ScheduleExpression ?? `${rules.AutomaticallyAfterDays} days`;
      throw new Error(
        `Secrets Manager would refuse the schedule ${told}${hours === undefined ? '' : ` with a window of ${hours} h`}: ${(error as Error).message} ${remedy}`,
      );
    }
  }

  /** So many days after the last rotation, 1 to 1000. */
  static days(days: number, window: RotationWindow = {}): RotationSchedule {
    if (!Number.isInteger(days) || days < 1 || days > 1000)
      throw new Error(`${days} days: Secrets Manager takes 1 to 1000.`);
    return new RotationSchedule({ AutomaticallyAfterDays: days }, window);
  }

  /** Every so many hours, 4 to 23, counted from midnight UTC; or days, 1 to 999. */
  static rate(every: Duration, window: RotationWindow = {}): RotationSchedule {
    const hours = every.toHours({ integral: false });
    const [count, unit] = hours % 24 === 0 ? [hours / 24, 'day'] : [hours, 'hour'];
    return new RotationSchedule({ ScheduleExpression: `rate(${count} ${unit}${count === 1 ? '' : 's'})` }, window);
  }

  /** At these hours of these days. */
  static cron({ hour, day, weekDay, month = '*', ...window }: RotationCron): RotationSchedule {
    if (day !== undefined && weekDay !== undefined) throw new Error('cron: day or weekDay, not both.');
    const days = weekDay === undefined ? `${day ?? '*'} ${month} ?` : `? ${month} ${weekDay}`;
    return RotationSchedule.expression(`cron(0 ${hour} ${days} *)`, window);
  }

  /** A schedule expression as Secrets Manager takes it: `rate(10 days)`, `cron(0 3 ? * SUN *)`. */
  static expression(expression: string, window: RotationWindow = {}): RotationSchedule {
    return new RotationSchedule({ ScheduleExpression: expression }, window);
  }
}

const remedy =
  'It takes rate(4 hours) to rate(999 days), and cron(0 hour day month weekday *) at full hours, in UTC, at least four hours apart, one of day and weekday being ?; the window ends within the day and before the next rotation.';
