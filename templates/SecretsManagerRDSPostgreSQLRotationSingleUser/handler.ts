import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { postgres } from '@keyturn/engine-postgres';

export const handler: RotationHandler = new RotationFunction(singleUser(postgres())).handler;
