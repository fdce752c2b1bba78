import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { mariadb } from '@keyturn/engine-mariadb';

export const handler: RotationHandler = new RotationFunction(singleUser(mariadb())).handler;
