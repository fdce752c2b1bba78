import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { QueryRefusal } from './query-refusal.ts';

/** A request as it came in. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the Authorization header says. */
export interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** How far the clocks may differ. Source: signing AWS API requests in the IAM user guide. */
const mostSkewMs = 5 * 60 * 1000;

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/** @throws QueryRefusal `MissingAuthenticationToken`, `IncompleteSignature` */
export function readSignature({ headers }: SignedRequest): Signature {
  const { authorization } = headers;
  if (authorization === undefined) {
    throw new QueryRefusal('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const found = shape.exec(authorization);
  if (found === null) throw new QueryRefusal('IncompleteSignature', 'The Authorization header is malformed');
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] = found;
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature };
}

/** Computes the signature again, and refuses one that differs. @throws QueryRefusal `SignatureDoesNotMatch`, `IncompleteSignature` */
export function checkSignature(
  request: SignedRequest,
  signature: Signature,
  secretAccessKey: string,
  now: number,
): void {
  const { headers, body } = request;
  const { date, region, service, signedHeaders } = signature;
  const time = String(headers['x-amz-date'] ?? '');
  const parsed = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (parsed === null) throw new QueryRefusal('IncompleteSignature', 'Authorization header requires X-Amz-Date');
  const [, year, month, day, hour, minute, second] = parsed;
  const sentAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Math.abs(now - sentAt) > mostSkewMs) throw mismatch(`Signature expired or not yet current: ${time}`);
  if (!time.startsWith(date))
    throw mismatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date');
  for (const name of ['host', 'x-amz-date', 'content-type', 'x-amz-security-token']) {
    if (headers[name] !== undefined && !signedHeaders.includes(name)) {
      throw mismatch(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  if (signedHeaders.join(';') !== [...signedHeaders].sort().join(';')) throw mismatch('SignedHeaders are not in order');
  const bodyHash = sha256(body);
  const told = headers['x-amz-content-sha256'];
  if (told !== undefined && told !== bodyHash) throw mismatch('The value of x-amz-content-sha256 is not the body’s');
  const canonicalHeaders = signedHeaders.map((name) => {
    const value = headers[name];
    if (value === undefined) throw mismatch(`the signed header ${name} is missing`);
    return `${name}:${String(value).trim().replace(/ +/g, ' ')}\n`;
  });
  const canonical = [request.method, request.path, '', canonicalHeaders.join(''), signedHeaders.join(';'), bodyHash];
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical.join('\n'))].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  const expected = hmac(key, toSign);
  if (!timingSafeEqual(expected, Buffer.from(signature.signature, 'hex'))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function mismatch(message: string): QueryRefusal {
  return new QueryRefusal('SignatureDoesNotMatch', message, 403);
}
