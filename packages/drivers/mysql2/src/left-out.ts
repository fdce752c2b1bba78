// Stands in, in bundles, for the parts of mysql2 that are never used here: pools, the server, promises, prepared
// statements, replication, compression, values in statements, and the names of three thousand server errors (errors are
// told by their numbers, and an unknown one as `errno 1234`).
export {};
