import { RotationFunction, singleUser } from '@keyturn/core';
import { mariadb } from '@keyturn/engine-mariadb';

export const { handler } = new RotationFunction(singleUser(mariadb()));
