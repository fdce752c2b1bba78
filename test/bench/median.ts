/** The median, to a tenth. @throws Error without a number */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const below = sorted[Math.ceil(sorted.length / 2) - 1];
  if (middle === undefined || below === undefined) throw new Error('there is nothing to take the median of');
  return Math.round(((middle + below) / 2) * 10) / 10;
}
