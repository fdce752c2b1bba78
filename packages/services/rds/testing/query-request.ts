/** A request that the API refuses, as the XML of an error tells it. */
export class RdsRefusal extends Error {
  override readonly name = 'RdsRefusal';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What one action takes. A parameter that is not listed is refused. */
const actions: Readonly<Record<string, readonly string[]>> = {
  DescribeDBInstances: ['DBInstanceIdentifier', 'MaxRecords', 'Marker'],
  DescribeDBClusters: ['DBClusterIdentifier', 'MaxRecords', 'Marker'],
  DescribeDBClusterEndpoints: ['DBClusterIdentifier', 'DBClusterEndpointIdentifier', 'MaxRecords', 'Marker'],
};

/** A request of the Query protocol, taken apart. */
export interface QueryRequest {
  readonly action: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** From 20 to 100. */
  readonly maxRecords: number;
}

/** @throws RdsRefusal for anything that the API's reference does not allow */
export function parseQuery(body: string): QueryRequest {
  const parameters = new Map<string, string>();
  for (const pair of body.split('&')) {
    const [name, value, ...rest] = pair.split('=').map(decoded);
    if (name === undefined || value === undefined || rest.length > 0) throw malformed('a pair is not name=value');
    if (parameters.has(name)) throw malformed(`${name} stands there twice`);
    parameters.set(name, value);
  }
  const action = parameters.get('Action') ?? '';
  const version = parameters.get('Version');
  const known = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (known === undefined || version !== '2014-10-31') {
    throw new RdsRefusal('InvalidAction', `Could not find operation ${action} for version ${version}`);
  }
  parameters.delete('Action');
  parameters.delete('Version');
  for (const [name, value] of parameters) {
    if (!known.includes(name)) throw malformed(`${name} is no parameter of ${action}`);
    if (value === '') throw invalidValue(`The parameter ${name} must not be empty.`);
  }
  const records = parameters.get('MaxRecords') ?? '100';
  if (!/^\d{1,4}$/.test(records) || Number(records) < 20 || Number(records) > 100) {
    throw invalidValue(`Invalid value ${records} for MaxRecords. Must be between 20 and 100`);
  }
  return { action, parameters, maxRecords: Number(records) };
}

export function invalidValue(message: string): RdsRefusal {
  return new RdsRefusal('InvalidParameterValue', message);
}

function malformed(why: string): RdsRefusal {
  return new RdsRefusal('MalformedQueryString', `The query string is malformed: ${why}`, 404);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed('the percent-encoding is broken');
  }
}
