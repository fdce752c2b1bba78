import type { Socket } from 'node:net';
import type { Lifeline, Where } from '@keyturn/connection';
import type { RotationError } from '@keyturn/core';
import type { Conversation } from './conversation.ts';
import { Refusal, toRotationError } from './errors.ts';
import type { Reply } from './resp.ts';

/** How long {@link RedisConnection.close} waits for the server to close its side, in milliseconds. */
const farewellMs = 500;

/** A connection that is logged in. It shows nothing of itself when it is printed. */
export class RedisConnection {
  readonly #stream: Socket;
  readonly #conversation: Conversation;
  readonly #lifeline: Lifeline;
  readonly #where: Where;

  constructor(stream: Socket, conversation: Conversation, lifeline: Lifeline, where: Where) {
    this.#stream = stream;
    this.#conversation = conversation;
    this.#lifeline = lifeline;
    this.#where = where;
  }

  get where(): Where {
    return this.#where;
  }

  /**
   * Runs a command.
   * @returns its answer, which may be that the server refuses it
   * @throws RotationError if no answer comes
   */
  async ask(command: readonly string[]): Promise<Reply | Refusal> {
    try {
      return await this.#lifeline.during('the answer to a command', () => this.#conversation.ask(command));
    } catch (error) {
      throw toRotationError(error, 'statement', this.#where);
    }
  }

  /**
   * Runs a command.
   * @throws RotationError, also if the server refuses it
   */
  async command(command: readonly string[]): Promise<Reply> {
    const reply = await this.ask(command);
    if (reply instanceof Refusal) throw this.failure(reply, command);
    return reply;
  }

  /** What it means that the server refuses this command. */
  failure(refusal: Refusal, command: readonly string[]): RotationError {
    return toRotationError(refusal, 'statement', this.#where, command);
  }

  /** Ends the connection and waits, not long, for the server to do so too, so that it counts no more. */
  async close(): Promise<void> {
    this.#lifeline.release();
    const stream = this.#stream;
    if (!stream.destroyed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, farewellMs);
        stream.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        stream.end();
      });
    }
    stream.destroy();
  }
}
