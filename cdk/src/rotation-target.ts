import { Connections, type IConnectable, type ISecurityGroup, Port } from 'aws-cdk-lib/aws-ec2';
import type { CfnCluster } from 'aws-cdk-lib/aws-redshift';
import {
  AttachmentTargetType,
  type ISecret,
  type ISecretAttachmentTarget,
  type SecretAttachmentTargetProps,
} from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/**
 * What has the users: an instance or a cluster of RDS, of DocumentDB or of Redshift, or anything that can be connected
 * to.
 */
export interface RotationTarget extends IConnectable {
  /**
   * The secret of its own user.
   * @default - it has none that is known here
   */
  readonly secret?: ISecret;
  /**
   * What runs there, as RDS calls it.
   * @default - what the secret says
   */
  readonly engine?: { readonly engineType: string };
  /**
   * How a secret learns its host, port and engine.
   * @default - the secret has them
   */
  asSecretAttachmentTarget?(): SecretAttachmentTargetProps;
}

/** What aws-cdk-lib does not say of a Redshift cluster. */
export interface RedshiftTargetProps {
  /** The security groups of the cluster. */
  readonly securityGroups: ISecurityGroup[];
  /**
   * The secret of the master user.
   * @default - each rotation names its own
   */
  readonly secret?: ISecret;
}

/** A Redshift cluster of aws-cdk-lib, which has no construct for it, as a target. */
export function redshiftTarget(cluster: CfnCluster, { securityGroups, secret }: RedshiftTargetProps): RotationTarget {
  const connections = new Connections({ securityGroups, defaultPort: Port.tcp(cluster.port ?? 5439) });
  const attachment = { targetId: cluster.ref, targetType: AttachmentTargetType.REDSHIFT_CLUSTER };
  return {
    connections,
    engine: { engineType: 'redshift' },
    asSecretAttachmentTarget: () => attachment,
    secret,
  };
}

/** Whether secrets can be attached to it. */
export function canBeAttachedTo(target: RotationTarget): target is RotationTarget & ISecretAttachmentTarget {
  return target.asSecretAttachmentTarget !== undefined;
}

/** Whether AWS itself keeps and rotates the secret of its own user. */
export function managesItsSecret(target: RotationTarget): boolean {
  if (!Construct.isConstruct(target)) return false;
  return target.node.findAll().some((each) => {
    const { manageMasterUserPassword, manageMasterPassword } = each as unknown as Record<string, unknown>;
    return manageMasterUserPassword === true || manageMasterPassword === true;
  });
}
