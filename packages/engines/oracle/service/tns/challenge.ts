import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { stretching, type Verifier, verifies } from '../database/verifier.ts';

/** The type of the verifier of 12c, as the challenge names it. */
const verifierType = 0x4815;
const verifierTypeOf10g = 0x939;
const derivations = 3;

/** The server's side of one login by challenge (O5LOGON): the password crosses the wire encrypted. */
export class Challenge {
  readonly #sent: Buffer;
  readonly #mixingSalt: Buffer = randomBytes(16);
  readonly #salt: Buffer;

  readonly #type: number;

  /** @param verifier of the user; of a user that does not exist, one that nobody can meet */
  constructor(verifier: Verifier, has10gOnly: boolean) {
    this.#type = has10gOnly ? verifierTypeOf10g : verifierType;
    this.#salt = verifier.salt;
    this.#sent = encrypt(verifier.hash, randomBytes(32));
  }

  get pairs(): Readonly<Record<string, string>> {
    return {
      AUTH_SESSKEY: hex(this.#sent),
      AUTH_VFR_DATA: hex(this.#salt),
      AUTH_PBKDF2_CSK_SALT: hex(this.#mixingSalt),
      AUTH_PBKDF2_VGEN_COUNT: String(stretching),
      AUTH_PBKDF2_SDER_COUNT: String(derivations),
    };
  }

  get flags(): Readonly<Record<string, number>> {
    return { AUTH_VFR_DATA: this.#type };
  }

  /**
   * The key that both sides share if the client knows the password of this verifier, and the password.
   * In a rollover the client answers with what the other password makes of the challenge, so each verifier is tried.
   */
  answer(verifier: Verifier, pairs: ReadonlyMap<string, string>): { key: Buffer; password: string } | undefined {
    const fromClient = Buffer.from(pairs.get('AUTH_SESSKEY') ?? '', 'hex');
    if (fromClient.length !== 32) return undefined;
    const parts = [decrypt(verifier.hash, fromClient), decrypt(verifier.hash, this.#sent)];
    const both = Buffer.from(hex(Buffer.concat(parts)));
    const key = pbkdf2Sync(both, this.#mixingSalt, derivations, 32, 'sha512');
    const password = decryptText(key, pairs.get('AUTH_PASSWORD') ?? '');
    return password !== undefined && verifies(verifier, password) ? { key, password } : undefined;
  }
}

/** What proves to the client that the server knows the verifier too. */
export function serverProof(key: Buffer): string {
  return hex(encrypt(key, Buffer.concat([randomBytes(16), Buffer.from('SERVER_TO_CLIENT')])));
}

/** A password as the client sends it: after 16 random bytes, padded. */
export function decryptText(key: Buffer, text: string): string | undefined {
  const bytes = Buffer.from(text, 'hex');
  if (bytes.length < 32 || bytes.length % 16 !== 0) return undefined;
  const plain = decrypt(key, bytes);
  const padding = plain.at(-1) ?? 0;
  return padding < 1 || padding > 16 ? undefined : plain.toString('utf8', 16, plain.length - padding);
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

function encrypt(key: Buffer, bytes: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

function decrypt(key: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}
