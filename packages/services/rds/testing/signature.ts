import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RdsRefusal } from './query-request.ts';

/** Whose requests are accepted. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A signature may be this old, in milliseconds. */
const mostSkewMs = 15 * 60 * 1_000;

/**
 * Checks the Signature Version 4 of a `POST /`: computes it from what came over the wire.
 * @returns the Region that the request is signed for
 * @throws RdsRefusal as the API refuses it
 */
export function checkSignature(headers: IncomingHttpHeaders, body: string, key: AccessKey, now: number): string {
  const { authorization } = headers;
  if (authorization === undefined)
    throw refused('MissingAuthenticationToken', 'Request is missing Authentication Token');
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (parts === null) throw refused('IncompleteSignature', 'The Authorization header is not one of Version 4');
  const [, accessKeyId = '', day = '', region = '', service = '', signedHeaders = '', signature = ''] = parts;
  if (accessKeyId !== key.accessKeyId) {
    throw refused('InvalidClientTokenId', 'The security token included in the request is invalid.');
  }
  if (service !== 'rds')
    throw refused('SignatureDoesNotMatch', "Credential should be scoped to correct service: 'rds'.");
  const date = headers['x-amz-date'];
  checkDate(date, day, now);
  const names = signedHeaders.split(';');
  for (const name of ['host', 'x-amz-date', 'content-type']) {
    if (!names.includes(name)) throw refused('SignatureDoesNotMatch', `'${name}' must be a 'SignedHeader'`);
  }
  const hash = sha256(body);
  const stated = headers['x-amz-content-sha256'];
  if (stated !== undefined && stated !== hash) throw mismatch();
  const canonicalHeaders = names.map((name) => `${name}:${headerValue(headers[name])}\n`).join('');
  const canonical = ['POST', '/', '', canonicalHeaders, signedHeaders, hash].join('\n');
  const scope = `${day}/${region}/rds/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const signingKey = [day, region, 'rds', 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${key.secretAccessKey}`),
  );
  if (!timingSafeEqual(hmac(signingKey, toSign), Buffer.from(signature, 'hex'))) throw mismatch();
  return region;
}

function checkDate(date: string | string[] | undefined, day: string, now: number): asserts date is string {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(date)) ?? [];
  if (y === undefined || day !== `${y}${mo}${d}`) {
    throw refused('SignatureDoesNotMatch', 'Date in Credential scope does not match YYYYMMDD from ISO-8601 date');
  }
  const at = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  if (Math.abs(now - at) > mostSkewMs) throw refused('SignatureDoesNotMatch', `Signature expired: ${date}`);
}

function headerValue(value: string | string[] | undefined): string {
  if (typeof value !== 'string') throw mismatch();
  return value.trim().replace(/ +/g, ' ');
}

function mismatch(): RdsRefusal {
  return refused(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
  );
}

function refused(code: string, message: string): RdsRefusal {
  return new RdsRefusal(code, message, 403);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
