/**
 * Waits for so many milliseconds and hardly more: setTimeout alone fires up to a millisecond and a half late, which
 * eight waits would add up to more than some of what is measured.
 * @param {number} ms
 * @returns {Promise<void>}
 */
export async function exactPause(ms) {
  const end = performance.now() + ms;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - 2)));
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
}
