import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { postgres } from '@keyturn/engine-postgres';
import { rds } from '@keyturn/rds';

const strategy = alternatingUsers(postgres(), { managedServices: rds() });

export const handler: RotationHandler = new RotationFunction(strategy).handler;
