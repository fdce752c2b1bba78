import { NoRedis } from './errors.ts';

/** What a server answers: text, a number, nothing, or a list; an error is a {@link ErrorReply}. */
export type Reply = string | number | null | readonly Reply[];

/** An error that the server answers with, as it stands in the answer. Its text may repeat arguments. */
export interface ErrorReply {
  readonly error: string;
}

/** An answer has at most this many bytes: that of ACL GETUSER is the longest, with some bytes a rule. */
const longestReply = 262_144;
const longestLine = 65_536;
const deepestList = 8;
/** The first byte of TLS's record of that kind. */
const tlsAlert = 0x15;

/** A command as the server reads it: every argument with its length, so that nothing in it can end it. */
export function encodeCommand(args: readonly string[]): Buffer {
  const parts = args.map((arg) => {
    const bytes = Buffer.from(arg, 'utf8');
    return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
  });
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

/**
 * Reads answers of RESP2 off a stream. Its own reader, and not the driver's: that one takes a declared
 * length of any size and waits for all of it.
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * Takes what has arrived.
   * @returns the answers that are whole now
   * @throws NoRedis if it is no answer, or longer than any that is asked for here
   */
  read(chunk: Buffer): readonly (Reply | ErrorReply)[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > longestReply) throw new NoRedis();
    const replies: (Reply | ErrorReply)[] = [];
    for (;;) {
      const found = element(this.#bytes, 0, 0);
      if (found === undefined) break;
      replies.push(found.value);
      this.#bytes = this.#bytes.subarray(found.end);
    }
    return replies;
  }
}

interface Found<T> {
  readonly value: T;
  readonly end: number;
}

/** The element that begins here; undefined while it is not whole. */
function element(bytes: Buffer, start: number, depth: number): Found<Reply | ErrorReply> | undefined {
  const line = lineAt(bytes, start);
  if (line === undefined) return undefined;
  const { value: text, end } = line;
  const rest = text.slice(1);
  switch (text[0]) {
    case '+':
      return { value: rest, end };
    case '-':
      // Inside a list, only answers to MULTI have errors.
      if (depth > 0) throw new NoRedis();
      return { value: { error: rest }, end };
    case ':':
      return { value: integer(rest), end };
    case '$':
      return bulk(bytes, end, integer(rest));
    case '*':
      return list(bytes, end, integer(rest), depth + 1);
    default:
      throw new NoRedis();
  }
}

function lineAt(bytes: Buffer, start: number): Found<string> | undefined {
  const mark = bytes[start];
  // Known at once, before a line break that may never come.
  if (mark !== undefined && !'+-:$*'.includes(String.fromCharCode(mark))) throw new NoRedis(mark === tlsAlert);
  const end = bytes.indexOf('\r\n', start);
  if ((end === -1 ? bytes.length : end) - start > longestLine) throw new NoRedis();
  return end === -1 ? undefined : { value: bytes.toString('utf8', start, end), end: end + 2 };
}

function bulk(bytes: Buffer, start: number, length: number): Found<string | null> | undefined {
  if (length === -1) return { value: null, end: start };
  if (length < 0 || length > longestReply) throw new NoRedis();
  const end = start + length;
  if (bytes.length < end + 2) return undefined;
  if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new NoRedis();
  return { value: bytes.toString('utf8', start, end), end: end + 2 };
}

function list(bytes: Buffer, start: number, count: number, depth: number): Found<readonly Reply[] | null> | undefined {
  if (count === -1) return { value: null, end: start };
  if (count < 0 || count > longestReply || depth > deepestList) throw new NoRedis();
  const value: Reply[] = [];
  let end = start;
  while (value.length < count) {
    const found = element(bytes, end, depth);
    if (found === undefined) return undefined;
    value.push(found.value as Reply);
    end = found.end;
  }
  return { value, end };
}

function integer(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new NoRedis();
  return Number(text);
}
