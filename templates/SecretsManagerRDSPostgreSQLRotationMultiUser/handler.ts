import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { postgres } from '@keyturn/engine-postgres';

export const handler: RotationHandler = new RotationFunction(alternatingUsers(postgres())).handler;
