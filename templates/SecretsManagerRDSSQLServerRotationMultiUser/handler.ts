import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { sqlserver } from '@keyturn/engine-sqlserver';
import { rds } from '@keyturn/rds';

const strategy = alternatingUsers(sqlserver(), { managedServices: rds() });

export const handler: RotationHandler = new RotationFunction(strategy).handler;
