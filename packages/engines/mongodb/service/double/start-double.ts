import { makeAuthority, type ServiceOptions } from '@keyturn/engine-conformance';
import { deserialize, serialize } from 'bson';
import type { Dialect, Document } from './context.ts';
import { isCredentialOf, type Mechanism } from './credentials.ts';
import { type Fault, type Meddler, Member } from './member.ts';
import { ReplicaSet } from './replica-set.ts';
import { ServerLog } from './server-log.ts';
import { keyOf, type StoredUser } from './store.ts';

/** What a double is asked for besides. */
export interface DoubleOptions extends ServiceOptions {
  /** @default 1, and no replica set */
  readonly members?: number;
  /** How the members call each other. @default 'localhost' */
  readonly advertised?: string;
}

/** A server that behaves like MongoDB, and what tests can do to it. */
export interface Double {
  readonly port: number;
  readonly ports: readonly number[];
  readonly ca: string;
  readonly members: readonly Member[];
  readonly set: ReplicaSet;
  readonly log: ServerLog;
  /** Runs a command with every right, on the primary. @throws Error where the server refuses it */
  run(db: string, command: Document): Promise<Document>;
  user(db: string, name: string): StoredUser | undefined;
  hasPassword(db: string, name: string, password: string): boolean;
  /** The next time that this command comes, it goes as the test says. */
  once(command: string, moment: 'before' | 'after', fault: Fault): void;
  /** Every command goes as the test says. */
  meddle(meddler: Meddler): void;
  stop(): Promise<void>;
}

export async function startDouble(dialect: Dialect, options: DoubleOptions = {}): Promise<Double> {
  const { members: count = 1, advertised = 'localhost', tls = true } = options;
  const authority = makeAuthority('Keyturn tests');
  const certificate = tls ? (options.certificate ?? authority.sign()) : undefined;
  const set = new ReplicaSet(count);
  const log = new ServerLog();
  let meddler: Meddler = () => undefined;
  const faults: { command: string; moment: 'before' | 'after'; fault: Fault }[] = [];
  const meddle: Meddler = (name, moment, member) => {
    const at = faults.findIndex((fault) => fault.command === name && fault.moment === moment);
    return at === -1 ? meddler(name, moment, member) : faults.splice(at, 1)[0]?.fault;
  };
  const isSet = count > 1 || dialect.kind === 'docdb';
  const names = () => members.map(({ port }) => `${advertised}:${port}`);
  let ports: string[] = [];
  const describe = (member: number): Document =>
    isSet
      ? {
          setName: 'rs0',
          hosts: ports,
          me: ports[member],
          secondary: set.primary !== member,
          ...(set.primary === undefined ? {} : { primary: ports[set.primary] }),
        }
      : {};
  const members = Array.from(
    { length: count },
    (_, number) => new Member({ number, set, dialect, certificate, log, describe, meddle }),
  );
  await Promise.all(members.map((member) => member.listen()));
  ports = names();
  const numbers = members.map(({ port }) => port);
  const nobody = {
    id: 0,
    ends: { client: '127.0.0.1', server: '127.0.0.1' },
    loggedIn: undefined,
    conversation: undefined,
  };
  const primary = () => set.primary ?? 0;
  const user = (db: string, name: string) => set.storeOf(primary()).users.get(keyOf(db, name));
  return {
    port: numbers[0] ?? 0,
    ports: numbers,
    ca: authority.certificate,
    members,
    set,
    log,
    user,
    async run(database, command) {
      const member = members[primary()];
      if (member === undefined) throw new Error('no member');
      // As if it had come over the wire: numbers are BSON's.
      const read = deserialize(serialize(command), { promoteValues: false, bsonRegExp: true });
      const request = { command: read, database, form: 'OP_MSG' } as const;
      const answer = (await member.execute(request, { ...nobody }, true)) as Document;
      if (answer.ok !== 1) throw new Error(`${String(answer.codeName)}: ${String(answer.errmsg)}`);
      return answer;
    },
    hasPassword(db, name, password) {
      const credentials = Object.entries(user(db, name)?.credentials ?? {});
      return (
        credentials.length > 0 &&
        credentials.every(([mechanism, one]) => isCredentialOf(one, mechanism as Mechanism, name, password))
      );
    },
    once: (command, moment, fault) => void faults.push({ command, moment, fault }),
    meddle(next) {
      meddler = next;
    },
    async stop() {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}
