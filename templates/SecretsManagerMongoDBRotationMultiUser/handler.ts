import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { mongodb } from '@keyturn/engine-mongodb';

const strategy = alternatingUsers(mongodb());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
