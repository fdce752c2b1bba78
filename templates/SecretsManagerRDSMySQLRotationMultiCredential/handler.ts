import { multiCredential, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mysql } from '@keyturn/engine-mysql';

const strategy = multiCredential(mysql({ overlap: true }));

export const handler: RotationHandler = new RotationFunction(strategy).handler;
