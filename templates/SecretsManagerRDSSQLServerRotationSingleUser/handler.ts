import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { sqlserver } from '@keyturn/engine-sqlserver';

const strategy = singleUser(sqlserver());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
