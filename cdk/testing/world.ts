import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceClass, InstanceSize, InstanceType, type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  DatabaseInstance,
  DatabaseInstanceEngine,
  type IInstanceEngine,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Json } from '../../test/template-cloudformation.ts';
import { RotationFunction, type RotationFunctionProps, RotationTemplate } from '../src/index.ts';

export type { Json };

export const postgres18: IInstanceEngine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });

// The rules of CloudFormation take seconds to load: the examples are held against them.
process.env.CDK_VALIDATION = 'false';

/** A stack with what rotations need, as somebody's app has it. */
export class World {
  readonly app: App = new App();
  readonly stack: Stack = new Stack(this.app, 'Stack');
  #vpc: IVpc | undefined;
  #template: Template | undefined;

  /** With private subnets and a way out. */
  get vpc(): IVpc {
    this.#vpc ??= new Vpc(this.stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
    return this.#vpc;
  }

  /** One whose subnets lead nowhere. */
  isolatedVpc(): Vpc {
    const subnetConfiguration = [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }];
    return new Vpc(this.stack, 'IsolatedVpc', { maxAzs: 2, natGateways: 0, subnetConfiguration });
  }

  database(vpc: IVpc = this.vpc, engine: IInstanceEngine = postgres18): DatabaseInstance {
    const instanceType = InstanceType.of(InstanceClass.T4G, InstanceSize.MICRO);
    const [subnet] = vpc.isolatedSubnets;
    const subnetType = subnet === undefined ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED;
    return new DatabaseInstance(this.stack, 'Database', { engine, instanceType, vpc, vpcSubnets: { subnetType } });
  }

  secret(value: object, id = 'Secret'): Secret {
    return new Secret(this.stack, id, {
      generateSecretString: { secretStringTemplate: JSON.stringify(value), generateStringKey: 'password' },
    });
  }

  rotation(props: Partial<RotationFunctionProps> = {}): RotationFunction {
    const template = props.entry === undefined ? RotationTemplate.postgresSingleUser() : undefined;
    return new RotationFunction(this.stack, 'Rotation', { template, ...props });
  }

  /** Of the stack as it is when it is first asked for. */
  get template(): Template {
    this.#template ??= Template.fromStack(this.stack);
    return this.#template;
  }

  /** The properties of the one resource of a type whose logical id begins so. */
  properties(type: string, prefix = ''): Json {
    return this.resource(type, prefix).Properties;
  }

  resource(type: string, prefix = ''): Json {
    const found = Object.entries(this.template.findResources(type)).filter(([id]) => id.startsWith(prefix));
    if (found.length !== 1) throw new Error(`${found.length} resources of ${type} begin with ${prefix}`);
    return found[0]?.[1];
  }

  /** The statements of the function's role, by their Sid. */
  get statements(): Record<string, Json> {
    const policies = Object.entries(this.template.findResources('AWS::IAM::Policy'));
    const own = policies.filter(([id]) => /^Rotation(Lambda)?Policy/.test(id));
    const all = own.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
    return Object.fromEntries(all.map((statement: Json) => [statement.Sid, statement]));
  }
}
