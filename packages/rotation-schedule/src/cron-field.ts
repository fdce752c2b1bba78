/** What one field of a cron expression may hold. */
export interface FieldRange {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on, such as JAN. */
  readonly names?: readonly string[];
}

export const HOURS: FieldRange = { min: 0, max: 23 };
export const DAYS_OF_MONTH: FieldRange = { min: 1, max: 31 };
export const MONTHS: FieldRange = {
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
export const DAYS_OF_WEEK: FieldRange = { min: 1, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };

const PART = /^(\*|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:\/(\d{1,2}))?$/;

/** The values that a field of lists, ranges and steps stands for; nothing where it is not one. */
export function valuesOf(field: string, range: FieldRange): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [, from = '', to, step] = PART.exec(part) ?? [];
    const first = from === '*' ? range.min : singleValue(from, range);
    // A step goes on to the end: 8/8 is 8, 16. A single value without one is itself.
    const open = from === '*' || step !== undefined;
    const last = to === undefined ? (open ? range.max : first) : singleValue(to, range);
    const by = step === undefined ? 1 : Number(step);
    if (first === undefined || last === undefined || last < first || by < 1) return undefined;
    if (from === '*' && to !== undefined) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

/** One value by number or name; nothing where it is out of range. */
export function singleValue(text: string, { min, max, names = [] }: FieldRange): number | undefined {
  const named = names.indexOf(text);
  const value = named >= 0 ? min + named : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
