import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mariadb } from '@keyturn/engine-mariadb';
import { rds } from '@keyturn/rds';

const strategy = alternatingUsers(mariadb(), { managedServices: rds() });

export const handler: RotationHandler = new RotationFunction(strategy).handler;
