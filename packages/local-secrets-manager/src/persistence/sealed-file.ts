import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DataFolderError } from './data-folder-error.ts';

/**
 * The format of a log: a header, then frames that are encrypted with AES-256-GCM, one for each commit.
 * A frame is length, CRC of the length, CRC of the rest, nonce, tag and text; file and place are authenticated too,
 * so that no frame can be moved.
 */
const MAGIC = Buffer.from('KEYTURN1');
const HEADER_BYTES = 8 + 4 + 4;
const FRAME_BYTES = 4 + 4 + 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Header {
  readonly id: string;
  readonly keyCheck: string;
  /** Region and account, as the secrets' ARNs begin. */
  readonly arnPrefix: string;
}

/** Writes and reads the frames of one file. */
export class SealedFile {
  readonly #id: Buffer;
  readonly #key: Buffer;
  /** How many frames the file has. */
  #frames = 0;

  private constructor(id: Buffer, key: Buffer) {
    this.#id = id;
    this.#key = Buffer.from(hkdfSync('sha256', key, id, 'frames', 32));
  }

  /** A new file, and the header that it begins with. */
  static create(key: Buffer, arnPrefix: string): { file: SealedFile; header: Buffer } {
    const id = randomBytes(16);
    const header: Header = { id: id.toString('hex'), keyCheck: checkOf(key, id).toString('hex'), arnPrefix };
    const text = Buffer.from(JSON.stringify(header));
    const sizes = Buffer.alloc(8);
    sizes.writeUInt32BE(text.length, 0);
    sizes.writeUInt32BE(crc32(text), 4);
    return { file: new SealedFile(id, key), header: Buffer.concat([MAGIC, sizes, text]) };
  }

  /**
   * Opens what a file holds.
   * @returns its frames' texts, and how many bytes of it are whole: a crash may have torn the last frame
   * @throws DataFolderError foreign, wrong-key, other-account or damaged
   */
  static read(
    bytes: Buffer,
    name: string,
    key: Buffer,
    arnPrefix: string,
  ): { file: SealedFile; texts: Buffer[]; ends: number[] } {
    const { header, end } = headerOf(bytes, name);
    const id = Buffer.from(header.id, 'hex');
    const check = Buffer.from(header.keyCheck, 'hex');
    const expected = checkOf(key, id);
    if (check.length !== expected.length || !timingSafeEqual(check, expected)) {
      throw new DataFolderError('wrong-key', `The key beside ${name} is not the one that it was written with.`);
    }
    if (header.arnPrefix !== arnPrefix) {
      throw new DataFolderError('other-account', `${name} holds secrets of ${header.arnPrefix}, not of ${arnPrefix}`);
    }
    const file = new SealedFile(id, key);
    const texts: Buffer[] = [];
    const ends = [end];
    for (let start = end; ; ) {
      const frame = frameAt(bytes, start, name);
      if (frame === undefined) return { file, texts, ends };
      texts.push(file.#open(frame, name, start));
      start += FRAME_BYTES + frame.length;
      ends.push(start);
    }
  }

  /** The next frame of the file. */
  seal(text: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(this.#place());
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    const rest = Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    const sizes = Buffer.alloc(FRAME_BYTES);
    sizes.writeUInt32BE(rest.length, 0);
    sizes.writeUInt32BE(crc32(sizes.subarray(0, 4)), 4);
    sizes.writeUInt32BE(crc32(rest), 8);
    this.#frames += 1;
    return Buffer.concat([sizes, rest]);
  }

  #open(frame: Buffer, name: string, start: number): Buffer {
    const nonce = frame.subarray(0, NONCE_BYTES);
    const tag = frame.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(this.#place()).setAuthTag(tag);
    try {
      const text = Buffer.concat([decipher.update(frame.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      this.#frames += 1;
      return text;
    } catch {
      throw damaged(name, start); // Its checksum is right: someone has changed it.
    }
  }

  #place(): Buffer {
    const place = Buffer.alloc(24);
    this.#id.copy(place);
    place.writeBigUInt64BE(BigInt(this.#frames), 16);
    return place;
  }
}

function headerOf(bytes: Buffer, name: string): { header: Header; end: number } {
  const foreign = new DataFolderError('foreign', `${name} is not a file of the local Secrets Manager.`);
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) throw foreign;
  const end = HEADER_BYTES + bytes.readUInt32BE(8);
  const text = bytes.subarray(HEADER_BYTES, end);
  // Never torn: the file got its name only when it was whole.
  if (end > bytes.length || crc32(text) !== bytes.readUInt32BE(12)) throw damaged(name, 0);
  return { header: JSON.parse(text.toString()) as Header, end };
}

/** The frame's content; nothing at the end of the file, or where the last frame is torn. */
function frameAt(bytes: Buffer, start: number, name: string): Buffer | undefined {
  const rest = bytes.subarray(start);
  // After a loss of power the end may be there without its content.
  if (rest.length < FRAME_BYTES || isZero(rest)) return undefined;
  const length = rest.readUInt32BE(0);
  if (crc32(rest.subarray(0, 4)) !== rest.readUInt32BE(4)) {
    if (isZero(rest.subarray(FRAME_BYTES))) return undefined;
    throw damaged(name, start);
  }
  const frame = rest.subarray(FRAME_BYTES, FRAME_BYTES + length);
  if (frame.length < length) return undefined;
  if (crc32(frame) === rest.readUInt32BE(8)) return frame;
  if (isZero(rest.subarray(FRAME_BYTES + length))) return undefined;
  throw damaged(name, start);
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function damaged(name: string, start: number): DataFolderError {
  return new DataFolderError('damaged', `${name} is damaged at byte ${start}; put a copy of it there that is not.`);
}

function checkOf(key: Buffer, id: Buffer): Buffer {
  return createHmac('sha256', key).update('key check').update(id).digest().subarray(0, 16);
}
