/** The driver has no types of its own; what this engine uses of it is in driver-types.ts. */
declare module 'oracledb' {
  const oracledb: unknown;
  export default oracledb;
}

declare module 'oracledb/lib/thin/sqlnet/ntTcp.js' {
  const Transport: unknown;
  export default Transport;
}
