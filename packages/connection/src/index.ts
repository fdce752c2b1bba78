export {
  type Activity,
  type Cause,
  causeOfCertificate,
  causeOfSocketError,
  codeOf,
  errorOf,
  plainCode,
} from './causes.ts';
export { dial } from './dial.ts';
export { type Destroyable, Lifeline } from './lifeline.ts';
export { handshake, RefusedCertificate, secureSocket } from './tls-handshake.ts';
export type { Where } from './where.ts';
