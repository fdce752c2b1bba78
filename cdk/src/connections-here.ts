import { Stack } from 'aws-cdk-lib';
import { Connections, type IConnectable, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/**
 * The connections of something, so that new rules of its security groups belong to the stack of `scope`. A rule in the
 * stack of the group would refer to that of the function, which refers to it already, and neither could be deployed.
 */
export function connectionsHere(scope: Construct, { connections }: IConnectable): Connections {
  const here = Stack.of(scope);
  const { securityGroups, defaultPort } = connections;
  if (securityGroups.every((group) => Stack.of(group) === here)) return connections;
  const rulesHere = securityGroups.map((group) => {
    if (Stack.of(group) === here) return group;
    const id = `SecurityGroup-${group.node.addr}`;
    const present = scope.node.tryFindChild(id) as SecurityGroup | undefined;
    return present ?? SecurityGroup.fromSecurityGroupId(scope, id, group.securityGroupId);
  });
  return new Connections({ securityGroups: rulesHere, defaultPort });
}
