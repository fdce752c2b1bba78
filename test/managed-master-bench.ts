import { alternatingUsers, type RotationFunctionOptions, singleUser } from '@keyturn/core';
import { recordError, recordOutput } from '@keyturn/engine-conformance';
import type { ManagedSecret } from '@keyturn/local-secrets-manager';
import { rds } from '@keyturn/rds';
import { onTestFinished } from 'vitest';
import { RdsDouble, type RdsDoubleOptions } from '../packages/services/rds/testing/rds-double.ts';
import { goodSecret, masterSecret, RotationBench } from './rotation-bench.ts';

/** What a run has besides the servers. */
export interface ManagedMasterOptions {
  /** Keys of the rotated secret that are other than in the bench's. */
  readonly secret: Readonly<Record<string, unknown>>;
  /** System tags of the managed master secret. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** The text of a master secret that no service manages, in place of the managed one. */
  readonly unmanaged?: Readonly<Record<string, unknown>>;
  /** Whether the strategy may ask the service. @default true */
  readonly asks?: boolean;
  /** @default - single user, changed by the master */
  readonly strategy?: 'single user' | 'alternating users';
  readonly function?: RotationFunctionOptions;
}

/** A rotation changed by a master whose secret Amazon RDS manages, and who logged in where. */
export class ManagedMasterBench {
  readonly bench: RotationBench;
  readonly master: ManagedSecret;
  /** `user@host:port`, with `plaintext` where TLS was off. */
  readonly logins: string[];

  private constructor(bench: RotationBench, master: ManagedSecret, logins: string[]) {
    this.bench = bench;
    this.master = master;
    this.logins = logins;
  }

  static async make(rdsDouble: RdsDouble, options: ManagedMasterOptions): Promise<ManagedMasterBench> {
    const { asks = true, unmanaged } = options;
    const logins: string[] = [];
    const managedServices = rds({ endpoint: rdsDouble.url, credentials: credentialsOf(rdsDouble) });
    const bench = await RotationBench.make({
      text: JSON.stringify({ ...goodSecret, port: 5432, ...options.secret }),
      ...(unmanaged === undefined ? {} : { master: JSON.stringify(unmanaged) }),
      strategy: (database) => {
        const engine = database.engine();
        const connect: typeof engine.connect = (login, limits) => {
          const how = login.tls === false ? ' plaintext' : '';
          logins.push(`${login.username}@${login.host}:${login.port}${how}`);
          return engine.connect(login, limits);
        };
        const given = asks ? { managedServices } : {};
        return options.strategy === 'alternating users'
          ? alternatingUsers({ ...engine, connect }, given)
          : singleUser({ ...engine, connect }, { changedBy: 'master', ...given });
      },
      function: { masterSecretArn: unmanaged === undefined ? 'rds!db-1' : 'master', ...options.function },
    });
    const { username, password } = masterSecret;
    const master = bench.manager.createManagedSecret({
      name: 'rds!db-1',
      owningService: 'rds',
      systemTags: options.tags ?? {},
      value: JSON.stringify({ username, password }),
    });
    return new ManagedMasterBench(bench, master, logins);
  }

  /** Where the master has logged in, or tried to. */
  get masterLogins(): string[] {
    return this.logins.filter((login) => login.startsWith('master@'));
  }

  /** How often a master secret was described. */
  get describedMaster(): number {
    return this.bench.manager.timeline
      .of('call')
      .filter(({ operation, secretId }) => operation === 'DescribeSecret' && secretId === this.master.arn).length;
  }

  /** The error of setSecret. */
  async failure(remainingMs?: number): Promise<Error & { code: string; message: string; stage?: string }> {
    await this.bench.step('createSecret');
    try {
      await this.bench.step('setSecret', this.bench.token, remainingMs);
    } catch (error) {
      recordError(error);
      if (error instanceof Error && 'code' in error) return error as Error & { code: string };
      throw error;
    }
    throw new Error('setSecret did not fail');
  }
}

/** An API of RDS for one test. */
export async function startRds(options?: RdsDoubleOptions): Promise<RdsDouble> {
  const double = await RdsDouble.start(options);
  onTestFinished(async () => {
    recordOutput(JSON.stringify(double.calls));
    await double.close();
  });
  return double;
}

function credentialsOf({ key }: RdsDouble): { accessKeyId: string; secretAccessKey: string } {
  return key;
}
