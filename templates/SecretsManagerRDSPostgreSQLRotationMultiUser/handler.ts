import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { postgres } from '@keyturn/engine-postgres';
import { rds } from '@keyturn/rds';

export const handler: RotationHandler = new RotationFunction(alternatingUsers(postgres(), { managedServices: rds() }))
  .handler;
