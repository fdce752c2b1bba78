import type { Socket } from 'node:net';
import { NoRedis, Refusal } from './errors.ts';
import { encodeCommand, type Reply, ReplyReader } from './resp.ts';

interface Waiter {
  resolve(reply: Reply | Refusal): void;
  reject(error: Error): void;
}

/** Commands and their answers on a stream that is open, one at a time. */
export class Conversation {
  readonly #stream: Socket;
  readonly #reader = new ReplyReader();
  #waiter: Waiter | undefined;
  /** An error that nobody asked for: with it, servers refuse a connection. */
  #unasked: Refusal | undefined;
  #end: Error | undefined;

  constructor(stream: Socket) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', (error) => this.#over(error));
    stream.on('close', () => this.#over(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    if (stream.destroyed) this.#over(stream.errored ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
  }

  /**
   * Sends a command and waits for its answer.
   * @throws the error of the stream; NoRedis
   */
  ask(command: readonly string[]): Promise<Reply | Refusal> {
    return new Promise((resolve, reject) => {
      if (this.#unasked !== undefined) resolve(this.#unasked);
      else if (this.#end !== undefined) reject(this.#end);
      else if (this.#waiter !== undefined) reject(new Error('one command at a time'));
      else {
        this.#waiter = { resolve, reject };
        this.#stream.write(encodeCommand(command));
      }
    });
  }

  #read(chunk: Buffer): void {
    try {
      for (const reply of this.#reader.read(chunk)) this.#take(reply);
    } catch (error) {
      this.#over(error as Error);
    }
  }

  #take(reply: Reply | { readonly error: string }): void {
    const answer = isError(reply) ? new Refusal(reply.error) : reply;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) waiter.resolve(answer);
    else if (answer instanceof Refusal) this.#unasked ??= answer;
    else throw new NoRedis();
  }

  #over(error: Error): void {
    this.#end ??= error;
    this.#stream.destroy();
    this.#waiter?.reject(this.#end);
    this.#waiter = undefined;
  }
}

function isError(reply: Reply | { readonly error: string }): reply is { readonly error: string } {
  return typeof reply === 'object' && reply !== null && 'error' in reply;
}
