/** When a secret is rotated, as RotateSecret takes it: days or an expression, and for how long. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number | undefined;
  /** Hours with an h: `3h`. */
  readonly Duration?: string | undefined;
  /** `rate(10 days)`, `cron(0 3 ? * SUN *)` */
  readonly ScheduleExpression?: string | undefined;
}
