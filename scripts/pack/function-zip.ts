import { zipSync } from 'fflate';

/**
 * A zip of these files for Lambda, the same bytes whenever and wherever it is made.
 * @param files contents by name
 */
export function functionZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const names = Object.keys(files).sort();
  // A zip holds local time: the first moment that it can hold, in whatever zone this machine is.
  const mtime = new Date(1980, 0, 1);
  const unix = 3;
  const readable = 0o100644 * 0x10000;
  return zipSync(
    Object.fromEntries(
      names.map((name) => [name, [files[name] ?? new Uint8Array(), { mtime, os: unix, attrs: readable }]]),
    ),
    { level: 9 },
  );
}
