import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { mysql } from '@keyturn/engine-mysql';

const strategy = singleUser(mysql());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
