import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { mariadb } from '@keyturn/engine-mariadb';

const strategy = singleUser(mariadb());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
