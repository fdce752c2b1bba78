import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mariadb } from '@keyturn/engine-mariadb';

export const handler: RotationHandler = new RotationFunction(alternatingUsers(mariadb())).handler;
