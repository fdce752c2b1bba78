import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import type { Account } from './account.ts';
import { answersCached, answersNative, isPassword, remembranceOf } from './credentials.ts';
import type { Database } from './database.ts';
import { refuse } from './failure.ts';
import { capabilities, newChallenge, type PacketStream, WrongBytes } from './packets.ts';

/** What a client says of itself. */
export interface Introduction {
  readonly flags: number;
  readonly user: string;
  readonly database: string | undefined;
  readonly answer: Buffer;
  readonly plugin: string;
}

/** @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html */
export function readIntroduction(bytes: Buffer): Introduction {
  if (bytes.length < 33) throw new WrongBytes('an introduction that is too short');
  const flags = bytes.readUInt32LE(0);
  if ((flags & capabilities.protocol41) === 0 || (flags & capabilities.pluginAuth) === 0) {
    throw new WrongBytes('a client of old');
  }
  let at = 32;
  const terminated = (): string => {
    const end = bytes.indexOf(0, at);
    if (end === -1) throw new WrongBytes('a string without an end');
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const user = terminated();
  const length = bytes[at] ?? 0;
  if (length >= 251 || at + 1 + length > bytes.length) throw new WrongBytes('an answer that is too long');
  const answer = bytes.subarray(at + 1, at + 1 + length);
  at += 1 + length;
  const database = (flags & capabilities.connectWithDatabase) === 0 ? undefined : terminated();
  return { flags, user, database: database === '' ? undefined : database, answer, plugin: terminated() };
}

/** One exchange in which a client proves a password. */
export interface Proof {
  readonly database: Database;
  readonly packets: PacketStream;
  readonly encrypted: boolean;
  readonly challenge: Buffer;
  readonly introduction: Introduction;
}

/** Whether the client proves a password of the account, by the account's own method. */
export async function provesPassword(proof: Proof, account: Account): Promise<boolean> {
  const { packets, introduction } = proof;
  let { answer } = introduction;
  let { challenge } = proof;
  if (introduction.plugin !== account.plugin) {
    challenge = newChallenge();
    packets.write(Buffer.concat([Buffer.from(`\xfe${account.plugin}\0`, 'latin1'), challenge, Buffer.alloc(1)]));
    answer = (await packets.read()) ?? Buffer.alloc(0);
  }
  const verifiers = [account.verifier, ...(account.secondVerifier === undefined ? [] : [account.secondVerifier])];
  switch (account.plugin) {
    case 'mysql_native_password':
      return verifiers.some((verifier) => answersNative(verifier, challenge, answer));
    case 'caching_sha2_password':
      return provesCachingSha2(proof, verifiers, challenge, answer);
    case 'sha256_password':
      return provesSha256(proof, verifiers, challenge, answer);
    default:
      return false;
  }
}

/** @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html */
async function provesCachingSha2(
  proof: Proof,
  verifiers: readonly string[],
  challenge: Buffer,
  answer: Buffer,
): Promise<boolean> {
  const { database, packets, encrypted } = proof;
  if (answer.length === 0) return verifiers[0] === '';
  const remembered = verifiers.flatMap((verifier) => database.remembered.get(verifier) ?? []);
  if (remembered.some((one) => answersCached(one, challenge, answer))) {
    packets.write(Buffer.from([1, 3]));
    return true;
  }
  packets.write(Buffer.from([1, 4]));
  const more = (await packets.read()) ?? Buffer.alloc(0);
  const password = encrypted ? clearPassword(more) : await encryptedPassword(packets, more, 2, challenge);
  return matches(database, 'caching_sha2_password', verifiers, password);
}

async function provesSha256(
  { database, packets, encrypted }: Proof,
  verifiers: readonly string[],
  challenge: Buffer,
  answer: Buffer,
): Promise<boolean> {
  const password = encrypted ? clearPassword(answer) : await encryptedPassword(packets, answer, 1, challenge);
  return matches(database, 'sha256_password', verifiers, password);
}

function matches(
  database: Database,
  plugin: string,
  verifiers: readonly string[],
  password: string | undefined,
): boolean {
  const found = password === undefined ? undefined : verifiers.find((one) => isPassword(plugin, one, password));
  if (found === undefined || password === undefined) return false;
  if (plugin === 'caching_sha2_password') database.remembered.set(found, remembranceOf(password));
  return true;
}

function clearPassword(bytes: Buffer): string | undefined {
  return bytes.at(-1) === 0 ? bytes.toString('utf8', 0, bytes.length - 1) : undefined;
}

let keys: ReturnType<typeof makeKeys> | undefined;
const makeKeys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** Without TLS the password comes encrypted with a key that the client asks for. */
async function encryptedPassword(
  packets: PacketStream,
  request: Buffer,
  mark: number,
  challenge: Buffer,
): Promise<string | undefined> {
  if (!request.equals(Buffer.from([mark]))) return undefined;
  keys ??= makeKeys();
  packets.write(Buffer.concat([Buffer.from([1]), Buffer.from(keys.publicKey)]));
  const bytes = (await packets.read()) ?? Buffer.alloc(0);
  const masked = privateDecrypt({ key: keys.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, bytes);
  return clearPassword(Buffer.from(masked.map((byte, at) => byte ^ (challenge[at % 20] ?? 0))));
}

/** The account that a connection from this address is for: that of the closest host. */
export function accountFor(database: Database, user: string): Account | undefined {
  const hosts = ['localhost', '127.0.0.1', '127.%', '%'];
  return hosts.flatMap((host) => database.find({ user, host }) ?? [])[0];
}

/** What an account that has proven its password may still be refused for. */
export function checkAccount(
  database: Database,
  account: Account,
  encrypted: boolean,
  introduction: Introduction,
): void {
  const { user, host } = account;
  const denied = `Access denied for user '${user}'@'localhost'`;
  if (account.locked) refuse(3118, `${denied}. Account is locked.`);
  if (account.tls.type !== '' && !(account.tls.type === 'ANY' && encrypted))
    refuse(1045, `${denied} (using password: YES)`);
  const handles = (introduction.flags & capabilities.expiredPasswords) !== 0;
  if (account.expired && !handles)
    refuse(
      1862,
      'Your password has expired. To log in you must change it using a client that supports expired passwords.',
    );
  if (database.settings.offlineMode && !account.global.has('SUPER'))
    refuse(3032, 'The server is currently in offline mode');
  const { database: wanted } = introduction;
  if (wanted === undefined) return;
  const reached = account.global.size > 0 || [...account.databases.keys(), ...tablesOf(account)].includes(wanted);
  if (!reached) refuse(1044, `Access denied for user '${user}'@'${host}' to database '${wanted}'`);
  if (!database.objects.databases.has(wanted)) refuse(1049, `Unknown database '${wanted}'`);
}

function tablesOf({ tables }: Account): readonly string[] {
  return [...tables.keys()].map((key) => String((JSON.parse(key) as string[])[0]));
}
