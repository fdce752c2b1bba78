import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Stands in for the SDK's chain of credential providers in bundles: Lambda gives credentials in the environment. */
export const defaultProvider: typeof fromEnv = fromEnv;
