import * as v from 'valibot';
import type { Tag } from '../state/secret.ts';

/** The members that several operations share, with the constraints of the service's API model. */

export const secretId: v.GenericSchema<string> = text(1, 2048);
export const clientRequestToken: v.GenericSchema<string> = v.string();
export const versionId: v.GenericSchema<string> = text(32, 64);
export const versionStage: v.GenericSchema<string> = text(1, 256);
export const versionStages: v.GenericSchema<string[]> = v.pipe(v.array(versionStage), v.minLength(1), v.maxLength(20));
export const description: v.GenericSchema<string> = text(0, 2048);
export const kmsKeyId: v.GenericSchema<string> = text(0, 2048);
export const secretType: v.GenericSchema<string> = text(0, 256);
export const rotationToken: v.GenericSchema<string> = v.pipe(text(36, 256), v.regex(/^[a-zA-Z0-9-]+$/));
export const maxResults: v.GenericSchema<number> = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100));
export const nextToken: v.GenericSchema<string> = text(1, 4096);
export const tagKey: v.GenericSchema<string> = text(1, 128);
export const tags: v.GenericSchema<Tag[]> = v.array(
  v.object({ Key: v.optional(tagKey), Value: v.optional(text(0, 256)) }),
);
export const resourcePolicy: v.GenericSchema<string> = text(1, 20_480);
export const region: v.GenericSchema<string> = v.pipe(text(1, 128), v.regex(/^([a-z]+-)+\d+$/));
export const replicaRegions: v.GenericSchema<unknown[]> = v.pipe(
  v.array(v.object({ Region: v.optional(region), KmsKeyId: v.optional(kmsKeyId) })),
  v.minLength(1),
);

/** At most 65,536 bytes (fact 9). */
export const secretString: v.GenericSchema<string> = v.pipe(v.string(), v.minLength(1), v.maxBytes(65_536));

/** Base64, as JSON carries bytes; at most 65,536 of them (fact 9). */
export const secretBinary: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'Member must be base64'),
  v.check((text) => text !== '', 'Member must have length greater than or equal to 1'),
  v.check((text) => Buffer.byteLength(text, 'base64') <= 65_536, 'Member must have length less than or equal to 65536'),
);

/** A string of `min` to `max` characters. */
export function text(min: number, max: number): v.GenericSchema<string> {
  return v.pipe(v.string(), v.minLength(min), v.maxLength(max));
}
