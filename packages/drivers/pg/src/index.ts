export { AuthenticationWatch } from './authentication.ts';
export type { AuthenticationRules, KnownMethod, OwnMethod } from './authentication-rules.ts';
export { PgConnection, type Row } from './connection.ts';
export type { Dialect } from './dialect.ts';
export { codeOf, isServerAnswer, lost, routineOf, socketError } from './errors.ts';
export { faultOfName, type NameRules, quoteIdentifier, unprintable } from './names.ts';
export { sessionEnded } from './session-ended.ts';
