import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mongodb } from '@keyturn/engine-mongodb';
import { rds } from '@keyturn/rds';

const strategy = alternatingUsers(mongodb({ server: 'documentdb' }), { managedServices: rds() });

export const handler: RotationHandler = new RotationFunction(strategy).handler;
