import type { Duplex } from 'node:stream';
import type { Model } from '../database/model.ts';
import { readRequest } from './client-messages.ts';
import { Conversation } from './conversation.ts';
import { MoreNeeded } from './field-reader.ts';
import type { ListenerOptions } from './listener.ts';
import {
  acceptance,
  connectData,
  dataPackets,
  nextPacket,
  packetTypes,
  redirection,
  refusal,
  resendAfterTls,
  valueIn,
} from './packets.ts';

/** One client of the listener, from its first packet on. */
export class Client {
  /** Begins TLS anew on the client's socket. */
  onTlsAnew: () => Duplex = () => this.stream;
  stream: Duplex;
  readonly #options: ListenerOptions;
  readonly #conversation: Conversation;
  #unread: Buffer = Buffer.alloc(0);
  #data: Buffer = Buffer.alloc(0);
  #state: 'connect' | 'connect-data' | 'conversation' = 'connect';
  #hasBegunAnew = false;

  constructor(stream: Duplex, model: Model, options: ListenerOptions, log: (line: string) => void) {
    this.stream = stream;
    this.#options = options;
    this.#conversation = new Conversation(model, log);
  }

  /** @throws Error for what no thin client sends */
  read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const packet = nextPacket(this.#unread, this.#state === 'conversation');
      if (packet === undefined) return;
      this.#unread = this.#unread.subarray(packet.bytes.length);
      if (this.#state === 'conversation') this.#readData(packet.type, packet.bytes);
      else this.#connect(packet.type, packet.bytes);
    }
  }

  #connect(type: number, bytes: Buffer): void {
    if (this.#state === 'connect-data') {
      if (type !== packetTypes.data) throw new Error('the connect data do not come');
      this.#judge(bytes.toString('latin1', 10));
      return;
    }
    if (type !== packetTypes.connect) throw new Error(`a packet of the type ${type} comes first`);
    const data = connectData({ type, bytes });
    if (data === undefined) this.#state = 'connect-data';
    else this.#judge(data);
  }

  #judge(data: string): void {
    const { refuses, redirects, version, beginsTlsAnew } = this.#options;
    if (beginsTlsAnew === true && !this.#hasBegunAnew) {
      this.#hasBegunAnew = true;
      this.#state = 'connect';
      this.stream.write(resendAfterTls());
      this.stream = this.onTlsAnew();
      return;
    }
    if (redirects !== undefined) {
      this.stream.end(redirection(redirects));
      return;
    }
    const error = refuses ?? this.#unknown(valueIn(data, 'SERVICE_NAME'), valueIn(data, 'SID'));
    if (error !== undefined) {
      this.stream.end(refusal(error));
      return;
    }
    this.#state = 'conversation';
    this.stream.write(acceptance(version));
  }

  #unknown(service: string | undefined, sid: string | undefined): number | undefined {
    const { serviceNames, sids } = this.#options;
    const among = (names: readonly string[], name: string) =>
      names.some((each) => each.toUpperCase() === name.toUpperCase());
    if (service !== undefined) return among(serviceNames, service) ? undefined : 12514;
    if (sid !== undefined) return among(sids, sid) ? undefined : 12505;
    return 12504;
  }

  #readData(type: number, bytes: Buffer): void {
    if (type !== packetTypes.data) throw new Error(`a packet of the type ${type} comes in a conversation`);
    // The client's last word.
    if ((bytes.readUInt16BE(8) & 0x40) !== 0 || this.#options.demandsNativeEncryption === true) {
      this.stream.end();
      return;
    }
    this.#data = Buffer.concat([this.#data, bytes.subarray(10)]);
    try {
      const request = readRequest(this.#data);
      this.#data = Buffer.alloc(0);
      const { data, ends } = this.#conversation.answer(request);
      this.stream.write(dataPackets(data));
      if (ends) this.stream.end();
    } catch (error) {
      if (!(error instanceof MoreNeeded)) throw error;
    }
  }
}
