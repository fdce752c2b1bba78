import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { redshift } from '@keyturn/engine-redshift';

const strategy = singleUser(redshift());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
