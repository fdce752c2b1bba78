import { randomBytes } from 'node:crypto';
import {
  CertificateAuthorities,
  type ConnectLimits,
  type Engine,
  type Login,
  Password,
  verifiedTls,
  withConnection,
} from '@keyturn/core';
import { type Authority, makeAuthority } from '../certificates.ts';
import type { DatabaseService, RunningService, ServerCertificate } from '../service.ts';
import { startWireTap } from '../start-wire-tap.ts';
import { recordOutput, recordSecret } from '../taint/taint-record.ts';
import type { WireAction, WirePoint, WireTap } from '../wire-tap.ts';

/** A user of the server, and the password that it has. */
export interface WorldUser {
  readonly username: string;
  readonly password: string;
}

/** Of a sweep in a short run. */
const mostStops = 16;

/** An engine and a server of its own: what scenarios are played in. */
export class ConformanceWorld {
  readonly engine: Engine;
  readonly service: DatabaseService;
  readonly running: RunningService;
  /** Signs what taps show; logins of this world trust it, as they trust the server's own. */
  readonly authority: Authority;
  readonly certificate: ServerCertificate;
  /** Repeats what was generated: `KEYTURN_SEED`. */
  readonly seed: number;
  /** Whether all is tried that there is to try; else, in less time, a part that holds some of each. */
  readonly thorough: boolean;

  private constructor(engine: Engine, service: DatabaseService, running: RunningService, thorough: boolean) {
    this.thorough = thorough;
    this.engine = engine;
    this.service = service;
    this.running = running;
    this.authority = makeAuthority('Conformance');
    this.certificate = this.authority.sign();
    this.seed = Number(process.env.KEYTURN_SEED ?? randomBytes(4).readUInt32LE() % 2 ** 31);
  }

  /**
   * Starts a server for this engine.
   * @param thorough whether sweeps stop at every place, and not at some that the seed chooses, and names and passwords
   * hold one special character each, and not several. @default true
   */
  static async start(engine: Engine, service: DatabaseService, thorough = true): Promise<ConformanceWorld> {
    await service.prepare();
    return new ConformanceWorld(engine, service, await service.start(), thorough);
  }

  /** The places at which a sweep stops: all; or where the run is to be short, at most 16, spread evenly from one that the seed gives. */
  stopsOf<T>(places: readonly T[]): readonly T[] {
    const step = this.thorough ? 1 : Math.ceil(places.length / mostStops);
    return places.filter((_, i) => i % step === this.seed % step);
  }

  get administrator(): WorldUser {
    return this.running.administrator;
  }

  /** Whether secrets for this server say nothing of `ssl`, so that logins are made over TLS. */
  get usesTls(): boolean {
    return this.service.speaksTls !== false;
  }

  /** A password that every search for secrets can find, and that every engine takes. */
  newPassword(): string {
    const password = `Aa1${randomBytes(11).toString('hex')}`;
    recordSecret(password);
    return password;
  }

  /** A name that nobody has; its letters are plain, and a twin's name fits where names have at most 16 characters. */
  newName(): string {
    return `c_${randomBytes(4).toString('hex')}`;
  }

  async newUser(username: string = this.newName(), password: string = this.newPassword()): Promise<WorldUser> {
    await this.running.createUser(username, password);
    return { username, password };
  }

  /** A login of this user; at the server itself unless `more` says otherwise. */
  login({ username, password }: WorldUser, more: Partial<Login> = {}): Login {
    const host = more.host ?? this.running.host;
    const authorities = new CertificateAuthorities([this.running.ca, this.authority.certificate], undefined);
    return {
      host,
      port: this.running.port,
      username,
      password: new Password(password),
      database: this.running.database,
      tls: this.usesTls && verifiedTls(host, authorities),
      ...more,
    };
  }

  /** Limits that no sound scenario reaches. */
  limits(more: Partial<ConnectLimits> = {}): ConnectLimits {
    return { connectTimeoutMs: 20_000, signal: new AbortController().signal, ...more };
  }

  /** Lends a connection of this user, as core does. */
  as<T>(user: WorldUser, use: (connection: unknown) => Promise<T>, more: Partial<Login> = {}): Promise<T> {
    return withConnection(this.engine, this.login(user, more), this.limits(), use);
  }

  /** Where a tap or a relay of this process listens: an address, for lookups of a name take turns of their own. */
  at(port: number): Pick<Login, 'host' | 'port' | 'tls'> {
    const { host, tls } = this.login(this.administrator, { host: '127.0.0.1' });
    return { host, port, tls };
  }

  /** Starts a tap in front of the server, or in front of another one. */
  async tap(
    onPoint: (point: WirePoint) => WireAction | Promise<WireAction> = () => 'pass',
    { certificate = this.certificate, running = this.running }: Partial<TapOptions> = {},
  ): Promise<WireTap> {
    const { host, port, ca } = running;
    const start = this.service.startTap ?? startWireTap;
    return start({ protocol: this.service.protocol, upstream: { host, port, ca }, certificate, onPoint });
  }

  /** Lends a tap, and closes it. */
  async withTap<T>(
    use: (tap: WireTap) => Promise<T>,
    onPoint?: (point: WirePoint) => WireAction | Promise<WireAction>,
    options?: Partial<TapOptions>,
  ): Promise<T> {
    const tap = await this.tap(onPoint, options);
    return use(tap).finally(() => tap.close());
  }

  /** Notes what the server has logged, for the search for secrets, and ends it. */
  async stop(): Promise<void> {
    recordOutput(this.running.log());
    await this.running.stop();
  }
}

interface TapOptions {
  readonly certificate: ServerCertificate;
  readonly running: RunningService;
}
