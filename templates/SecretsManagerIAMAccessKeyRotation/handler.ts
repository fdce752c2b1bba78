import { issuedCredentials, RotationFunction, type RotationHandler } from '@keyturn/core';
import { iamAccessKey } from '@keyturn/iam-access-key';

const strategy = issuedCredentials(iamAccessKey());

export const handler: RotationHandler = new RotationFunction(strategy).handler;
