import { bracket, bracketed, printable } from '../quoting.ts';
import type { Difference } from './difference.ts';
import type { Holder, Owned, Place } from './rights.ts';
import { placeWords, securableWords } from './words.ts';

/** What one of the two owns: only a person can say who else may have it. */
export function ownership({ database, current, next }: Place): readonly Difference[] {
  return [...of(current, next, database), ...of(next, current, database)];
}

function of(owner: Holder, other: Holder, database: string | undefined): readonly Difference[] {
  // Who owns the database owns what is dbo's: the one line about the database says it.
  if (owner.isDbo) return [];
  return owner.owns.map((owned) => ({
    text: `${printable(owner.name)} owns ${securableWords(owned)}${placeWords(database)}, which ${printable(other.name)} cannot own too`,
    database,
    change: { given: '' },
    statements: [],
    remedy: `${handOver(owner, owned)}${database === undefined ? '' : ` (in ${printable(database)})`}`,
  }));
}

function handOver(owner: Holder, { keyword, names }: Owned): string {
  const name = printable(names.at(-1) ?? '');
  switch (keyword) {
    case 'JOB':
      return `give the job ${name} another owner (msdb.dbo.sp_update_job, @owner_login_name)`;
    case 'DATABASE':
      return `ALTER AUTHORIZATION ON DATABASE::${bracketed(...names)} TO [sa]; then, in it: CREATE USER ${bracket(owner.name)}; ALTER ROLE db_owner ADD MEMBER ${bracket(owner.name)}`;
    case 'SERVER ROLE':
    case 'ENDPOINT':
      return `ALTER AUTHORIZATION ON ${keyword}::${bracketed(...names)} TO [sa]`;
    default:
      return `ALTER AUTHORIZATION ON ${keyword}::${bracketed(...names)} TO dbo`;
  }
}
