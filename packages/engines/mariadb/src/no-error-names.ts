// Stands in for mysql2's names of three thousand server errors in bundles: this engine tells errors by their numbers,
// and names those that it knows itself. An unknown one is told as `errno 1234`.
export {};
