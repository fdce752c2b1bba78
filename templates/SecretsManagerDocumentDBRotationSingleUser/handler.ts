import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { mongodb } from '@keyturn/engine-mongodb';

const strategy = singleUser(mongodb({ server: 'documentdb' }));

export const handler: RotationHandler = new RotationFunction(strategy).handler;
