import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { postgres } from '@keyturn/engine-postgres';

const strategy = singleUser(postgres());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
