import { RotationFunction, singleUser } from '@keyturn/core';
import { postgres } from '@keyturn/engine-postgres';

export const { handler } = new RotationFunction(singleUser(postgres()));
