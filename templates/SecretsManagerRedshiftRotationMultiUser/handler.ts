import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { redshift } from '@keyturn/engine-redshift';

const strategy = alternatingUsers(redshift());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
