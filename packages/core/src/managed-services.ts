/** Where a server can be reached. */
export interface ServiceEndpoint {
  readonly host: string;
  readonly port: number;
  /**
   * `writer`: takes writes, also after a failover. `reader`: a replica, or whichever replica is free.
   * `instance`: one member of a cluster, now the writer or not. `custom`: made by a person for some members.
   */
  readonly kind: 'writer' | 'reader' | 'custom' | 'instance';
}

/**
 * What a service knows of the servers that it runs, such as Amazon RDS of its instances and clusters. With it,
 * a master secret that the service manages can be used, which does not say where its server is, and a secret
 * may name another endpoint of a server than its master secret does.
 *
 * Every method rejects with a RotationError and nothing else: `service-denied`, naming the IAM action,
 * `service-throttled`, `service-unreachable`, naming the endpoint, `service-failed`, or `deadline-exceeded`
 * when the signal aborted. Nothing is kept between calls: a server may be another one a moment later.
 */
export interface ManagedServices {
  /**
   * The system tags of a master secret whose value is the ARN of its server. Upper and lower case are the same.
   * Nobody but a service of AWS can set them: tag keys that begin with `aws:` are reserved.
   */
  readonly serverTags: readonly string[];

  /**
   * The endpoints of the server with this ARN, the one that takes writes first. Those of a cluster's members
   * need not be among them: {@link ManagedServices.endpointsWith} knows them.
   */
  endpointsOf(arn: string, signal: AbortSignal): Promise<readonly ServiceEndpoint[]>;

  /**
   * The endpoints of the server of which this host is one: the host's own, the one that takes writes, which comes
   * first, and those of the servers that it is a replica of. Undefined where the service knows no such host: a
   * name is never taken for an endpoint because it looks like one.
   */
  endpointsWith(host: string, signal: AbortSignal): Promise<readonly ServiceEndpoint[] | undefined>;
}
