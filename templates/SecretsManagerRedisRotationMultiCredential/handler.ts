import { multiCredential, RotationFunction, type RotationHandler } from '@keyturn/core';
import { redis } from '@keyturn/engine-redis';

const strategy = multiCredential(redis());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
