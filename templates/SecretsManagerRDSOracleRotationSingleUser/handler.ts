import { RotationFunction, type RotationHandler, singleUser } from '@keyturn/core';
import { oracle } from '@keyturn/engine-oracle';

const strategy = singleUser(oracle());
// Servers before 23ai take 30 bytes.
const options = process.env.PASSWORD_LENGTH ? {} : { password: { passwordLength: 30 } };

export const handler: RotationHandler = new RotationFunction(strategy, options).handler;
