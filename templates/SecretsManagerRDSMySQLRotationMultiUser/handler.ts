import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mysql } from '@keyturn/engine-mysql';
import { rds } from '@keyturn/rds';

const strategy = alternatingUsers(mysql(), { managedServices: rds() });

export const handler: RotationHandler = new RotationFunction(strategy).handler;
