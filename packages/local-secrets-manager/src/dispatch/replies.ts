import type { ServiceError } from '../wire/service-error.ts';
import { CONTENT_TYPE, type WireReply } from './wire.ts';

// These come from the service's front end, which spells the member its own way.
const FRONT_END = new Set(['ValidationException', 'AccessDeniedException', 'ThrottlingException']);

/** A successful answer. Members that are undefined are left out (fact 10). */
export function successReply(output: Record<string, unknown>, requestId: string): WireReply {
  const versionId = typeof output.VersionId === 'string' ? { versionId: output.VersionId } : {};
  return { status: 200, headers: headers(requestId), body: JSON.stringify(output), outcome: 'ok', ...versionId };
}

/** An error as the service writes it; the SDK makes its exception from `__type`. */
export function errorReply(error: ServiceError, requestId: string): WireReply {
  const message = FRONT_END.has(error.type) ? { message: error.message } : { Message: error.message };
  const body = JSON.stringify({ __type: error.type, ...message });
  return { status: error.status, headers: headers(requestId), body, outcome: error.type };
}

function headers(requestId: string): Record<string, string> {
  return { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': requestId };
}
