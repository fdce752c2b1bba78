import fc from 'fast-check';

// KEYTURN_SEED repeats a search; KEYTURN_RUNS sets how many cases each property gets.
const seed = Number(process.env.KEYTURN_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.KEYTURN_RUNS ?? 5_000);
fc.configureGlobal({ seed, numRuns });
process.stdout.write(`Deep search: KEYTURN_SEED=${seed} KEYTURN_RUNS=${numRuns}\n`);
