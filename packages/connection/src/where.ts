/** Where a failure happened, and to whom: what every error of one connection says. */
export interface Where {
  /** `host:port`, by `endpointOf`. */
  readonly endpoint: string;
  readonly user: string;
}
