import { issuedCredentials, RotationFunction, type RotationFunctionOptions, type RotationHandler } from '@keyturn/core';
import { keysApi } from './keys-api.ts';

/** Rotates the key of an account of an API that makes its keys itself: the secret holds keyId, apiKey and account. */
export class HttpApiKeys extends RotationFunction {
  constructor(url: string, options?: RotationFunctionOptions) {
    super(issuedCredentials(keysApi(url)), options);
  }
}

export const handler: RotationHandler = new HttpApiKeys(process.env.KEYS_API_URL ?? 'https://maps.example').handler;
