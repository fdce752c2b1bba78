export { type IamAccessKeyOptions, iamAccessKey } from './iam-access-key.ts';
