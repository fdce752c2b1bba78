import { multiCredential, RotationFunction, type RotationHandler } from '@keyturn/core';
import { redis } from '@keyturn/engine-redis';

export const handler: RotationHandler = new RotationFunction(multiCredential(redis())).handler;
