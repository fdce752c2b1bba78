export { AvailabilityClient, type ClientCounts } from './availability/availability-client.ts';
export { type Authority, makeAuthority, type SignOptions } from './certificates.ts';
export { type DebianDownload, type DebianSoftware, downloadDebian } from './debian/download.ts';
export { type GivenServiceOptions, givenService } from './given-service.ts';
export { madeOnce, withinReach } from './made-once.ts';
export { type MemoryConnection, MemoryDatabase } from './memory-database.ts';
export { roundTrips, type TimedCall } from './round-trips.ts';
export { isReachable, makeServerFolder, ownedByServer, type ServerFolder } from './server-folder.ts';
export {
  freePort,
  runAsServerUser,
  type ServerProcess,
  type StartOptions,
  serverIdentity,
  startOnFreePort,
  startServerProcess,
} from './server-process.ts';
export type {
  DatabaseService,
  DockerImage,
  DockerSettings,
  FailureCause,
  RunningService,
  ServerCertificate,
  ServiceModule,
  ServiceOptions,
} from './service.ts';
export { readServiceUrl, type ServiceUrl, urlVariable } from './service-url.ts';
export { startWireTap } from './start-wire-tap.ts';
export {
  recordError,
  recordOutput,
  recordSecret,
  recordThisProcess,
  taintFolderVariable,
} from './taint/taint-record.ts';
export { spellings, type TaintFinding, TaintSearch } from './taint/taint-search.ts';
export { searchTaintFolder, type TaintVerdict } from './taint/taint-verdict.ts';
export { type RelayAction, startTcpRelay, type TcpRelay, type TcpRelayOptions } from './tcp-relay.ts';
export { failureOf, limits, loginTo, markedPassword, secretsIn } from './test-logins.ts';
export { hostileKinds, startTlsTrap, type TlsTrap, type TlsTrapKind, type TrapActor } from './tls-trap.ts';
export { TrapSocket } from './trap-socket.ts';
export type { ClientMessage, WireConversation, WireProtocol } from './wire-protocol.ts';
export type { WireAction, WireLogin, WirePoint, WireTap, WireTapOptions } from './wire-tap.ts';
