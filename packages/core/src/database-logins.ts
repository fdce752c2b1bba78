import type { DatabaseSecret } from './database-secret.ts';
import { type Engine, endpointOf, withConnection } from './engine.ts';
import { hasCode, RotationError } from './errors.ts';
import type { MasterSecret } from './master-secret.ts';
import type { Rotation } from './rotation.ts';
import { CertificateAuthorities, verifiedTls } from './tls.ts';

/** Which version a login's credential comes from. */
export interface Credential {
  readonly label: string;
  /** Absent for a credential that is not of the rotated secret. */
  readonly versionId?: string;
}

/** Logs in to one engine: with TLS as the secret says, within the invocation's time and its limit of refusals. */
export class DatabaseLogins<C> {
  readonly #engine: Engine<C>;
  #authorities: CertificateAuthorities | undefined;

  constructor(engine: Engine<C>) {
    this.#engine = engine;
  }

  /**
   * Lends a connection that is logged in with this secret.
   * @throws RotationError with endpoint, user and label; `login-failed` also if the limit of refusals is reached
   */
  async use<T>(
    secret: DatabaseSecret,
    credential: Credential,
    rotation: Rotation,
    work: (connection: C) => Promise<T>,
  ): Promise<T> {
    const { deadline, logins, settings, log, memory, event } = rotation;
    const endpoint = endpointOf(secret);
    const { username, password, host, port, database } = secret;
    logins.check(username, endpoint);
    deadline.check(`log in to ${endpoint}`);
    const login = { host, port, username, password, database, tls: secret.tls && this.#tls(host, rotation) };
    const limits = { connectTimeoutMs: deadline.atMost(settings.connectTimeoutMs), signal: deadline.signal };
    const { label, versionId } = credential;
    logins.tried += 1;
    const start = performance.now();
    const facts = () => ({ endpoint, user: username, with: label, durationMs: Math.round(performance.now() - start) });
    try {
      return await withConnection(this.#engine, login, limits, async (connection) => {
        log.info('logged-in', facts());
        return await work(connection);
      });
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      if (error.code === 'login-failed') {
        logins.refused += 1;
        log.warn('login-refused', { ...facts(), triedVersionId: versionId });
        if (versionId !== undefined) memory.refused.add(event.SecretId, versionId);
      }
      throw timedOut(error, rotation).with({ endpoint, user: username, stage: label });
    }
  }

  /**
   * The same with the master secret, which may itself be rotated meanwhile: after a refusal it is read once more.
   * @param users whom the secret rotates; `user-is-master` if the master is one of them, for its own secret would
   *   be wrong from then on
   */
  async useMaster<T>(
    master: MasterSecret,
    users: readonly string[],
    rotation: Rotation,
    work: (connection: C) => Promise<T>,
  ): Promise<T> {
    const credential = { label: 'the master secret' };
    const first = await master.read();
    checkOther(first.secret, users);
    try {
      return await this.use(first.secret, credential, rotation, work);
    } catch (error) {
      if (!hasCode(error, 'login-failed')) throw error;
      const second = await master.read();
      if (second.versionId === first.versionId) throw error;
      checkOther(second.secret, users);
      return await this.use(second.secret, credential, rotation, work);
    }
  }

  #tls(host: string, { settings }: Rotation) {
    this.#authorities ??= new CertificateAuthorities(settings.givenAuthorities, this.#engine.certificateAuthorities);
    return verifiedTls(host, this.#authorities);
  }
}

/** A wait that the end of the invocation cut short is told as what it is: the time was up, and where it went. */
function timedOut(error: RotationError, { deadline }: Rotation): RotationError {
  if (error.code !== 'connection-timed-out' || deadline.remainingMs() > 0) return error;
  return new RotationError('deadline-exceeded', {
    ...error.details,
    message: `the invocation's time ran out: ${error.details.message}`,
    remedy: undefined,
  });
}

function checkOther({ username }: DatabaseSecret, users: readonly string[]): void {
  if (!users.includes(username)) return;
  throw new RotationError('user-is-master', {
    message: 'the master secret names the user whose secret is being rotated',
    user: username,
  });
}
