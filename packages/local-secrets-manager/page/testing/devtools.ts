/** What the browser answers to a command, or tells by itself. */
type Message = Record<string, unknown>;

interface Waiting {
  readonly resolve: (result: Message) => void;
  readonly reject: (error: Error) => void;
}

/** The DevTools protocol over its websocket. */
export class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(sessionId: string | undefined, method: string, params: Message) => void>();
  #lastId = 0;

  /** @param address the `ws:` address that the browser prints when it starts */
  static async connect(address: string): Promise<DevTools> {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error(`No DevTools at ${address}.`)), { once: true });
    });
    return new DevTools(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data))));
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The browser has gone.'));
      this.#waiting.clear();
    });
  }

  /** @throws Error what the browser says */
  send(method: string, params: Message = {}, sessionId?: string): Promise<Message> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    return answered;
  }

  /** Hears of every event of one session. */
  listen(sessionId: string, listener: (method: string, params: Message) => void): void {
    this.#listeners.add((from, method, params) => {
      if (from === sessionId) listener(method, params);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(message: Message): void {
    const { id, method, params, sessionId, result, error } = message;
    if (typeof method === 'string') {
      for (const listener of this.#listeners) listener(sessionId as string | undefined, method, params as Message);
    }
    const waiting = this.#waiting.get(Number(id));
    if (waiting === undefined) return;
    this.#waiting.delete(Number(id));
    if (error === undefined) waiting.resolve((result ?? {}) as Message);
    else waiting.reject(new Error((error as { message: string }).message));
  }
}
