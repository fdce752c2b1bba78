import { alternatingUsers, RotationFunction, type RotationHandler } from '@keyturn/core';
import { oracle } from '@keyturn/engine-oracle';
import { rds } from '@keyturn/rds';

const strategy = alternatingUsers(oracle(), { managedServices: rds() });
// Servers before 23ai take 30 bytes.
const options = process.env.PASSWORD_LENGTH ? {} : { password: { passwordLength: 30 } };

export const handler: RotationHandler = new RotationFunction(strategy, options).handler;
