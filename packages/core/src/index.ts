export type { AfterRotation, FinishedRotation } from './after-rotation.ts';
export type {
  CredentialIssuer,
  CredentialKeys,
  CredentialListing,
  CredentialOwner,
  IssuedCredential,
} from './credential-issuer.ts';
export type { CustomHooks } from './custom/custom-hooks.ts';
export { customStrategy } from './custom/custom-strategy.ts';
export type { Credential, DatabaseLogins } from './database-logins.ts';
export { type DatabaseSecret, parseDatabaseSecret } from './database-secret.ts';
export type { Deadline } from './deadline.ts';
export * from './engine.ts';
export * from './errors.ts';
export type { Log, LogFields } from './log.ts';
export type { ManagedServices, ServiceEndpoint } from './managed-services.ts';
export * from './password.ts';
export { generatePassword, type PasswordPolicy } from './password-policy.ts';
export { Redactor } from './redact.ts';
export type { ProcessMemory, Rotation, Strategy } from './rotation.ts';
export { type RotationEvent, type Step, steps } from './rotation-event.ts';
export { RotationFunction, type RotationFunctionOptions, type RotationHandler } from './rotation-function.ts';
export type { SecretDescription, SecretVersion, VersionListing } from './secrets-manager.ts';
export type { MasterServiceOptions, ServiceOptions } from './service-settings.ts';
export type { PasswordOptions, RotationOptions, Settings } from './settings.ts';
export { type AlternatingUsersOptions, alternatingUsers } from './strategies/alternating-users.ts';
export { type IssuedCredentialsOptions, issuedCredentials } from './strategies/issued-credentials.ts';
export { multiCredential } from './strategies/multi-credential.ts';
export { type SingleUserOptions, singleUser } from './strategies/single-user.ts';
export { CertificateAuthorities, type TlsOptions, verifiedTls } from './tls.ts';
export type { TwinNaming } from './twin-names.ts';
