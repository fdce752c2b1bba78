/// <reference lib="dom" />

/** What the service said no with, in its own words. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Starts a rotation. @param functionArn needed where the secret has none yet @throws Refused */
export async function rotate(secretId: string, functionArn: string | undefined): Promise<void> {
  await post('rotate', { secretId, functionArn });
}

/** Tries an incomplete rotation again. @throws Refused */
export async function reattempt(secretId: string): Promise<void> {
  await post('reattempt', { secretId });
}

/** Asks for the value of a version. @throws Refused */
export async function readValue(secretId: string, versionId: string): Promise<string> {
  const { SecretString: text, SecretBinary: base64 } = await post('value', { secretId, versionId });
  return typeof text === 'string' ? readable(text) : `binary, as base64: ${base64}`;
}

async function post(action: string, input: unknown): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await fetch(`/page/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
  } catch {
    throw new Refused('The local Secrets Manager does not answer. Is it still running?');
  }
  const answer = await response.json();
  if (response.ok) return answer;
  const type = answer.__type === undefined ? '' : `${answer.__type}: `;
  throw new Refused(`${type}${answer.message ?? answer.Message ?? response.status}`);
}

// JSON is easier to read with one key a line; what is stored stays as it is.
function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(value, undefined, 2) : text;
  } catch {
    return text;
  }
}
