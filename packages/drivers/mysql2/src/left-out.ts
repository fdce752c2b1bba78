// Stands in, in bundles, for the parts of mysql2 that this engine never uses: pools, the server, promises, and the
// names of three thousand server errors (errors are told by their numbers, and an unknown one as `errno 1234`).
export {};
