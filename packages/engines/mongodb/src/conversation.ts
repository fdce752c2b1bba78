import type { Duplex } from 'node:stream';
import { NotMongodb, Refusal } from './errors.ts';
import { type Document, encodeCommand, type ReadOptions, readAnswer } from './messages.ts';

interface Question {
  readonly id: number;
  readonly options: ReadOptions;
  readonly resolve: (answer: Document) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commands and their answers on an open stream, one at a time. The driver's own connection is not used: an
 * answer that says that it has no length keeps it busy until the memory is full.
 */
export class Conversation {
  readonly #stream: Duplex;
  #lastId = 0;
  #question: Question | undefined;
  #pieces: Buffer[] = [];
  #failure: Error | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    stream.on('error', (error) => this.#end(error));
    stream.on('close', () => this.#end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  }

  /** @throws Refusal; NotMongodb; the error of the stream */
  ask(database: string, command: Document, options: ReadOptions = {}): Promise<Document> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined || this.#question !== undefined) {
        reject(this.#failure ?? new Error('one command at a time'));
        return;
      }
      this.#lastId += 1;
      this.#question = { id: this.#lastId, options, resolve, reject };
      this.#stream.write(encodeCommand(this.#lastId, database, command));
    });
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #take(bytes: Buffer): void {
    const question = this.#question;
    if (question === undefined) {
      // Nobody has asked anything.
      this.#end(new NotMongodb());
      return;
    }
    this.#pieces.push(bytes);
    try {
      const answer = readAnswer(this.#whole(), question.id, question.options);
      if (answer === undefined) return;
      this.#pieces = [];
      this.#question = undefined;
      if (Number(answer.ok) === 1) question.resolve(answer);
      else question.reject(refusalIn(answer));
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #whole(): Buffer {
    const whole = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.#pieces = whole === undefined ? [] : [whole];
    return whole ?? Buffer.alloc(0);
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#stream.destroy();
    this.#question?.reject(this.#failure);
    this.#question = undefined;
  }
}

function refusalIn({ ok, code, errmsg }: Document): Error {
  if (Number(ok) !== 0) return new NotMongodb();
  return new Refusal(Number(code ?? 0), typeof errmsg === 'string' ? errmsg : '');
}
