import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Secret } from '../state/secret.ts';
import { type DataFolder, logFile, openDataFolder, readLog, syncFolder } from './data-folder.ts';
import { encode, mark, RecordWriter, replay } from './records.ts';
import { SealedFile } from './sealed-file.ts';

const FRAME_TEXT_BYTES = 256 * 1024;
const LEAST_COMPACTED_BYTES = 32 * 1024 * 1024;
const GROWTH = 4;

/** Settings of a {@link Journal}. */
export interface JournalOptions {
  readonly folder: string;
  /** The ARN of this Region and account up to the name: a folder keeps to one. */
  readonly arnPrefix: string;
  /** Every secret as it is now, for a compaction. */
  readonly all: () => Iterable<Secret>;
  /** Whether a commit is waited for; `before-writing` only in a test that shows what is lost without. */
  readonly acknowledge?: 'after-writing' | 'before-writing' | undefined;
  /** From which size a log is written anew, in bytes. @default - 32 MiB, and four times what was written anew before */
  readonly compactAtBytes?: number | undefined;
}

/** What a folder held when it was opened. */
export interface Restored {
  readonly journal: Journal;
  readonly secrets: readonly Secret[];
  /** How many bytes of a commit that a crash has torn were cut off. Nobody had been told of it. */
  readonly cutBytes: number;
}

/** Keeps the state of secrets on disk: all changes of a moment in one commit, one commit after the other. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #folder: DataFolder;
  #log: Log;
  #changes = new Map<string, Secret | undefined>();
  #hasWrites = false;
  #next = commit();
  #current: Promise<void> | undefined = undefined;
  #running: Promise<void> | undefined = undefined;
  #failure: Error | undefined = undefined;
  #closed: Promise<void> | undefined = undefined;

  private constructor(options: JournalOptions, folder: DataFolder, log: Log) {
    this.#options = options;
    this.#folder = folder;
    this.#log = log;
  }

  /** Opens a folder, which is made where it is missing. @throws DataFolderError */
  static async open(options: JournalOptions): Promise<Restored> {
    const folder = await openDataFolder(options.folder);
    try {
      if (folder.newest === 0) {
        const log = await createLog(folder, 1, options.arnPrefix, []);
        return { journal: new Journal(options, folder, log), secrets: [], cutBytes: 0 };
      }
      const { log, secrets, cutBytes } = await resumeLog(folder, options.arnPrefix);
      return { journal: new Journal(options, folder, log), secrets, cutBytes };
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  /** Takes a change in. A `note` goes to disk with the next write. */
  changed(arn: string, secret: Secret | undefined, kind: 'write' | 'note'): void {
    this.#changes.set(arn, secret);
    if (kind === 'note') return;
    this.#hasWrites = true;
    this.#running ??= this.#run();
  }

  /** Resolves when every write so far is on disk. @throws Error where the disk has failed: nothing is taken in any more */
  durable(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#options.acknowledge === 'before-writing') return Promise.resolve();
    return this.#hasWrites ? this.#next.promise : (this.#current ?? Promise.resolve());
  }

  /** Writes what is left, notes too, and frees the folder. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#changes.size > 0) {
      this.#hasWrites = true;
      this.#running ??= this.#run();
    }
    await this.#running;
    this.#failure ??= new Error('The journal is closed.');
    await this.#log.handle.close();
    this.#folder.release();
  }

  async #run(): Promise<void> {
    // Everything that happens in this turn goes into one commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#hasWrites && this.#failure === undefined) {
      const { resolve, reject, promise } = this.#next;
      const changes = this.#changes;
      this.#changes = new Map();
      this.#hasWrites = false;
      this.#next = commit();
      this.#current = promise;
      try {
        await this.#commit(changes);
        resolve();
        await this.#compactIfLarge();
      } catch (error) {
        // What is in memory is ahead of the disk from here on: no answer may be given on its grounds.
        this.#failure = error as Error;
        reject(error);
        this.#next.reject(error);
      }
      this.#current = undefined;
    }
    this.#running = undefined;
  }

  async #commit(changes: ReadonlyMap<string, Secret | undefined>): Promise<void> {
    const { file, writer, handle } = this.#log;
    const records = [...changes].flatMap(([arn, secret]) => writer.recordsOf(arn, secret));
    const frame = file.seal(encode(records));
    await writeAll(handle, frame);
    await handle.datasync();
    this.#log.bytes += frame.length;
  }

  async #compactIfLarge(): Promise<void> {
    const limit = this.#options.compactAtBytes ?? Math.max(LEAST_COMPACTED_BYTES, GROWTH * this.#log.compactedBytes);
    if (this.#log.bytes < limit) return;
    const before = this.#log;
    this.#log = await createLog(this.#folder, before.number + 1, this.#options.arnPrefix, this.#options.all());
    await before.handle.close();
    await rm(logFile(this.#folder.path, before.number));
  }
}

interface Log {
  readonly number: number;
  readonly handle: FileHandle;
  readonly file: SealedFile;
  readonly writer: RecordWriter;
  /** How large the file was when it was written anew. */
  readonly compactedBytes: number;
  bytes: number;
}

// Written beside, synced, renamed: at every moment one log is whole.
async function createLog(
  folder: DataFolder,
  number: number,
  arnPrefix: string,
  secrets: Iterable<Secret>,
): Promise<Log> {
  const name = logFile(folder.path, number);
  const handle = await open(`${name}.tmp`, 'w', 0o600);
  const { file, header } = SealedFile.create(folder.key, arnPrefix);
  const writer = new RecordWriter();
  let bytes = 0;
  const write = async (chunk: Buffer): Promise<void> => {
    bytes += chunk.length;
    await writeAll(handle, chunk);
  };
  await write(header);
  let records: ReturnType<RecordWriter['recordsOf']> = [];
  let size = 0;
  for (const secret of [...secrets]) {
    const more = writer.recordsOf(secret.arn, secret);
    records.push(...more);
    size += JSON.stringify(more).length;
    if (size < FRAME_TEXT_BYTES) continue;
    await write(file.seal(encode(records)));
    records = [];
    size = 0;
  }
  await write(file.seal(encode([...records, mark])));
  await handle.sync();
  await rename(`${name}.tmp`, name);
  await syncFolder(folder.path);
  return { number, handle, file, writer, compactedBytes: bytes, bytes };
}

async function resumeLog(
  folder: DataFolder,
  arnPrefix: string,
): Promise<{ log: Log; secrets: Secret[]; cutBytes: number }> {
  const name = logFile(folder.path, folder.newest);
  const content = readLog(folder.path, folder.newest);
  const { file, texts, ends } = SealedFile.read(content, name, folder.key, arnPrefix);
  const { secrets, compacted } = replay(texts);
  const bytes = ends.at(-1) ?? 0;
  const handle = await open(name, constants.O_WRONLY | constants.O_APPEND);
  if (bytes < content.length) {
    await handle.truncate(bytes);
    await handle.sync();
  }
  const writer = new RecordWriter();
  writer.restored(secrets.values());
  const log = { number: folder.newest, handle, file, writer, compactedBytes: ends[compacted] ?? 0, bytes };
  return { log, secrets: [...secrets.values()], cutBytes: content.length - bytes };
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

function commit(): PromiseWithResolvers<void> {
  const created = Promise.withResolvers<void>();
  // Nobody may be waiting for it when it fails.
  created.promise.catch(() => undefined);
  return created;
}
