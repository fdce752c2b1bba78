import { onTestFinished } from 'vitest';
import { RdsDouble, type RdsDoubleOptions } from './rds-double.ts';

/** A double that is closed at the end of the test. */
export async function startDouble(options?: RdsDoubleOptions): Promise<RdsDouble> {
  const double = await RdsDouble.start(options);
  onTestFinished(() => double.close());
  return double;
}
