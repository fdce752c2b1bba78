import { setTimeout as wait } from 'node:timers/promises';
import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { type CredentialOwner, hasCode } from '@keyturn/core';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type IamAction, iamError, stsError } from './service-errors.ts';

/** Where IAM and STS are, and as whom IAM is called. */
export interface AwsOptions {
  /** The Region whose STS is asked. @default - the SDK's: AWS_REGION */
  readonly region?: string | undefined;
  /** @default - the SDK's: AWS_ENDPOINT_URL_IAM, else the endpoint of the Region's partition */
  readonly iamEndpoint?: string | undefined;
  /** @default - the SDK's: AWS_ENDPOINT_URL_STS, else the Region's endpoint */
  readonly stsEndpoint?: string | undefined;
  /** As whom IAM is called. @default - the function's role */
  readonly credentials?: IAMClientConfig['credentials'] | undefined;
}

/** What the SDK's `send` takes. */
interface Sent {
  readonly abortSignal: AbortSignal;
}

/** CreateAccessKey is sent so often at most, as long as IAM only says that calls come too fast. */
const creationAttempts = 3;
const creationPauseMs = 400;

/**
 * The clients of IAM and STS, made when they are first needed and kept between invocations. Every call
 * ends with its signal, and every failure is a RotationError that names the action.
 */
export class AwsClients {
  readonly #options: AwsOptions;
  #handler: NodeHttpHandler | undefined;
  #administrator: IAMClient | undefined;
  #creator: IAMClient | undefined;

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  /** Calls STS with the key under test. */
  async askAs<T>(
    credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
    signal: AbortSignal,
    send: (client: STSClient, sent: Sent) => Promise<T>,
  ): Promise<T> {
    const { region, stsEndpoint: endpoint } = this.#options;
    // A client for each key: one that had its credentials changed could sign with those of another secret.
    const client = new STSClient({ ...given({ region, endpoint }), credentials, ...this.#ways() });
    try {
      return await send(client, { abortSignal: signal });
    } catch (error) {
      throw stsError(error, await endpointOf(client, 'sts'));
    }
  }

  /** Calls IAM with the function's role. */
  async administer<T>(
    action: IamAction,
    owner: CredentialOwner,
    signal: AbortSignal,
    send: (client: IAMClient, sent: Sent) => Promise<T>,
  ): Promise<T> {
    const client = action === 'CreateAccessKey' ? this.#creating() : this.#administering();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(client, { abortSignal: signal });
      } catch (error) {
        const failure = iamError(action, owner, error, await endpointOf(client, 'iam'));
        if (client !== this.#creator || attempt === creationAttempts || !hasCode(failure, 'service-throttled')) {
          throw failure;
        }
        await wait(creationPauseMs * attempt, undefined, { signal }).catch(() => {
          throw failure;
        });
      }
    }
  }

  #administering(): IAMClient {
    this.#administrator ??= this.#iam(3);
    return this.#administrator;
  }

  /** One that never repeats a call by itself: an answer may be lost, and the repeat would make a second key. */
  #creating(): IAMClient {
    this.#creator ??= this.#iam(1);
    return this.#creator;
  }

  #iam(maxAttempts: number): IAMClient {
    const { region, iamEndpoint: endpoint, credentials } = this.#options;
    return new IAMClient({ ...given({ region, endpoint, credentials }), ...this.#ways(), maxAttempts });
  }

  #ways(): { maxAttempts: number; requestHandler: NodeHttpHandler } {
    // Short waits: from subnets without a way out nothing ever answers, and the time is for saying so.
    this.#handler ??= new NodeHttpHandler({
      connectionTimeout: 3_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    });
    return { maxAttempts: 3, requestHandler: this.#handler };
  }
}

/** Only what is given: an SDK takes a key that is undefined for a setting. */
function given<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}

async function endpointOf(client: IAMClient | STSClient, service: string): Promise<string> {
  const { endpoint } = client.config;
  if (endpoint === undefined) return `${service} of ${await client.config.region().catch(() => 'no Region')}`;
  const { hostname, port, protocol } = await endpoint();
  return `${hostname}:${port ?? (protocol === 'http:' ? 80 : 443)}`;
}
