import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mariadb } from '@keyturn/engine-mariadb';
import { rds } from '@keyturn/rds';

export const handler: RotationHandler = new RotationFunction(alternatingUsers(mariadb(), { managedServices: rds() }))
  .handler;
