import { issuedCredentials, RotationFunction, type RotationHandler } from '@keyturn/core';
import { iamAccessKey } from '@keyturn/iam-access-key';

export const handler: RotationHandler = new RotationFunction(issuedCredentials(iamAccessKey())).handler;
