import { Stack, Validations } from 'aws-cdk-lib';
import {
  type CfnVPCEndpoint,
  type IInterfaceVpcEndpoint,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { connectionsHere } from './connections-here.ts';

/** What of a function's props is about its network. */
export interface NetworkProps {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: readonly ISecurityGroup[];
  readonly secretsManagerEndpoint?: IInterfaceVpcEndpoint;
}

/** Where a function is. */
export interface FunctionNetwork {
  /** What new parts of the network belong to. */
  readonly scope: Construct;
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroups: ISecurityGroup[];
  /** Whether some of the subnets lead nowhere but into the VPC. */
  readonly isIsolated: boolean;
  /** The endpoints of the VPC that the function needs: to Secrets Manager, and more as rotations come. */
  readonly endpoints: Set<IInterfaceVpcEndpoint>;
}

/**
 * Chooses subnets, makes a security group, and sees to a way to Secrets Manager.
 * @throws Error where no subnet will do: a function has no public address, so nothing answers it in a public one
 */
export function networkOf(scope: Construct, props: NetworkProps): FunctionNetwork | undefined {
  const { vpc, secretsManagerEndpoint } = props;
  if (vpc === undefined) {
    const alone = (['vpcSubnets', 'securityGroups', 'secretsManagerEndpoint'] as const).find((name) => props[name]);
    if (alone !== undefined) throw new Error(`${alone} means nothing without vpc: give the VPC too.`);
    return undefined;
  }
  const { subnets } = vpc.selectSubnets(props.vpcSubnets ?? { subnetType: typeFor(vpc) });
  const isIsolated = subnets.some((subnet) => !hasWayOut(vpc, subnet));
  const securityGroups = [...(props.securityGroups ?? [ownSecurityGroup(scope, vpc)])];
  const network: FunctionNetwork = { scope, vpc, subnets, securityGroups, isIsolated, endpoints: new Set() };
  if (secretsManagerEndpoint !== undefined) letIn(secretsManagerEndpoint, network);
  else if (isIsolated) openEndpoint(network, InterfaceVpcEndpointAwsService.SECRETS_MANAGER);
  return network;
}

/** Lets the function reach a service from subnets without a way out: by the VPC's endpoint for it, or by a new one. */
export function openEndpoint(network: FunctionNetwork, service: InterfaceVpcEndpointAwsService): void {
  letIn(presentEndpoint(network.vpc, service) ?? newEndpoint(network, service), network);
}

function letIn(endpoint: IInterfaceVpcEndpoint, { scope, securityGroups, endpoints }: FunctionNetwork): void {
  endpoints.add(endpoint);
  const connections = connectionsHere(scope, endpoint);
  for (const group of securityGroups) connections.allowDefaultPortFrom(group, 'Rotation function');
}

function newEndpoint(
  { scope, vpc, subnets }: FunctionNetwork,
  service: InterfaceVpcEndpointAwsService,
): InterfaceVpcEndpoint {
  // Open to the whole VPC, as by default: an endpoint's private name is for everybody there, and whoever had
  // another way to the service would be cut off from it.
  const endpoint = new InterfaceVpcEndpoint(scope, `Endpoint-${service.shortName}`, {
    vpc,
    service,
    subnets: { subnets: [...subnets] },
  });
  const reason = 'Open to the addresses of the VPC itself, which a checker cannot read.';
  Validations.of(endpoint).acknowledge({ id: 'AwsSolutions-EC23', reason });
  return endpoint;
}

function presentEndpoint(vpc: IVpc, { shortName }: InterfaceVpcEndpointAwsService): InterfaceVpcEndpoint | undefined {
  const name = new RegExp(`\\.${shortName}(?![\\w-])`);
  return vpc.node.root.node.findAll().find((each): each is InterfaceVpcEndpoint => {
    if (!(each instanceof InterfaceVpcEndpoint)) return false;
    const { vpcId, serviceName } = each.node.defaultChild as CfnVPCEndpoint;
    // Region and partition stand in the name as tokens.
    return vpcId === vpc.vpcId && name.test(JSON.stringify(Stack.of(each).resolve(serviceName)));
  });
}

function typeFor(vpc: IVpc): SubnetType {
  if (vpc.privateSubnets.length > 0) return SubnetType.PRIVATE_WITH_EGRESS;
  if (vpc.isolatedSubnets.length > 0) return SubnetType.PRIVATE_ISOLATED;
  throw new Error(
    `The VPC ${vpc.node.path} has only public subnets, and a function in one reaches nothing outside the VPC. Give it private or isolated subnets, or name others with vpcSubnets.`,
  );
}

function hasWayOut(vpc: IVpc, subnet: ISubnet): boolean {
  const isOneOf = (subnets: readonly ISubnet[]) => subnets.some(({ subnetId }) => subnetId === subnet.subnetId);
  // Those that the VPC does not know are somebody's own: they know why.
  return !isOneOf(vpc.isolatedSubnets) && !isOneOf(vpc.publicSubnets);
}

/** Nothing comes in; out goes HTTPS, and what rotations open besides. */
function ownSecurityGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  const description = 'Rotation function';
  const group = new SecurityGroup(scope, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to the AWS APIs');
  return group;
}
