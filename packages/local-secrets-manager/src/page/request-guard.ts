import type { IncomingMessage } from 'node:http';

/**
 * What every answer of the page carries: nothing but its own files may run or load, no other site may frame it,
 * and no text becomes markup by accident (Trusted Types).
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Whether a request for data comes from the page itself, and not from a site that the same browser has open.
 * The door has checked the Host header before, so a name that somebody pointed here is no way around.
 */
export function isFromThePage({ method, headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (method === 'GET') return origin === undefined || isOrigin(origin, host);
  // What changes or reveals something must say where it comes from, as browsers do with every POST.
  return isOrigin(origin, host) && headers['content-type'] === 'application/json';
}

function isOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin.replace(/^https?:\/\//, '') === host;
}
