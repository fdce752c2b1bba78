// The driver's own BSON, without the rest of the driver. It publishes types for its whole only.

declare module 'mongodb/lib/bson.js' {
  export { Binary } from 'mongodb';

  import type { BSON } from 'mongodb';
  export const EJSON: typeof BSON.EJSON;
  export const serialize: typeof BSON.serialize;
  export const deserialize: typeof BSON.deserialize;
}
