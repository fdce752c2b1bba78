import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Json } from './template-cloudformation.ts';

type Specification = Awaited<ReturnType<typeof loadAwsServiceSpec>>;
type ResourceType = ReturnType<ReturnType<Specification['lookup']>['only']> & {
  readonly properties: Readonly<Record<string, Json>>;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** Functions of CloudFormation whose value only a stack knows. */
const functions = ['Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Select', 'Fn::Split'];

/**
 * Properties that SAM hands on to AWS::Lambda::Function as they are, and that the specification's older schema of
 * SAM lacks. Source: AWS::Serverless::Function, SAM developer guide.
 */
const handedOn = ['LoggingConfig'];

/** CloudFormation's own schema: what is wrong in a template, as paths with a reason. */
export class TemplateSchema {
  readonly #specification: Specification;

  private constructor(specification: Specification) {
    this.#specification = specification;
  }

  static async load(): Promise<TemplateSchema> {
    return new TemplateSchema(await loadAwsServiceSpec());
  }

  /** Every resource and property that the schema does not know, or knows otherwise, and every reference to nothing. */
  faults(template: Json): string[] {
    const faults: string[] = [];
    for (const [id, resource] of Object.entries<Json>(template.Resources)) {
      const type = this.#resource(resource.Type);
      if (type === undefined) faults.push(`${id}: there is no resource type ${resource.Type}`);
      else this.#object(this.#properties(resource.Type, type), resource.Properties, id, faults);
    }
    this.#references(template, template, '', faults);
    return faults;
  }

  #resource(name: string): ResourceType | undefined {
    const [type] = this.#specification.lookup('resource', 'cloudFormationType', 'equals', name);
    return type as ResourceType | undefined;
  }

  #properties(name: string, { properties }: ResourceType): Readonly<Record<string, Json>> {
    if (name !== 'AWS::Serverless::Function') return properties;
    const lambda = this.#resource('AWS::Lambda::Function')?.properties ?? {};
    return { ...properties, ...Object.fromEntries(handedOn.map((each) => [each, lambda[each]])) };
  }

  #object(properties: Readonly<Record<string, Json>>, value: Json, path: string, faults: string[]): void {
    if (typeof value !== 'object' || Array.isArray(value)) {
      faults.push(`${path}: must be an object`);
      return;
    }
    for (const [name, each] of Object.entries(value)) {
      const property = properties[name];
      if (property === undefined) faults.push(`${path}.${name}: there is no such property`);
      else this.#value(property.type, each, `${path}.${name}`, faults);
    }
    for (const [name, { required = false }] of Object.entries(properties)) {
      if (required && !(name in value)) faults.push(`${path}.${name}: is required`);
    }
  }

  #value(type: Json, value: Json, path: string, faults: string[]): void {
    if (typeof value === 'object' && 'Fn::If' in value) {
      const [, then, otherwise] = value['Fn::If'];
      this.#value(type, then, path, faults);
      this.#value(type, otherwise, path, faults);
      return;
    }
    if (typeof value === 'object' && functions.some((name) => name in value)) return;
    switch (type.type) {
      case 'json':
        return;
      case 'array':
        if (!Array.isArray(value)) faults.push(`${path}: must be a list`);
        else value.forEach((each, i) => void this.#value(type.element, each, `${path}[${i}]`, faults));
        return;
      case 'map':
        if (typeof value !== 'object' || Array.isArray(value)) faults.push(`${path}: must be a map`);
        else for (const [key, each] of Object.entries(value)) this.#value(type.element, each, `${path}.${key}`, faults);
        return;
      case 'ref':
        this.#object(this.#specification.get('typeDefinition', type.reference).properties, value, path, faults);
        return;
      case 'tag':
        this.#object({ Key: { type: { type: 'string' } }, Value: { type: { type: 'string' } } }, value, path, faults);
        return;
      case 'union': {
        const all = type.types.map((each: Json) => {
          const own: string[] = [];
          this.#value(each, value, path, own);
          return own;
        });
        if (all.every((own: string[]) => own.length > 0)) faults.push(...all[0]);
        return;
      }
      case 'integer':
        if (!Number.isInteger(value)) faults.push(`${path}: must be an integer`);
        return;
      default:
        if (typeof value !== type.type) faults.push(`${path}: must be a ${type.type}`);
    }
  }

  /** Every Ref, GetAtt, Sub and If of the template. */
  #references(template: Json, value: Json, path: string, faults: string[]): void {
    if (typeof value !== 'object') return;
    const known = (name: string): boolean =>
      name.startsWith('AWS::') || name in template.Parameters || name in template.Resources;
    const attribute = (id: string, name: string): boolean => {
      const type = template.Resources[id]?.Type;
      // SAM makes a Lambda function of its own.
      const real = type === 'AWS::Serverless::Function' ? 'AWS::Lambda::Function' : type;
      return real !== undefined && name in (this.#resource(real)?.attributes ?? {});
    };
    for (const [name, each] of Object.entries<Json>(value)) {
      const here = `${path}.${name}`;
      if (name === 'Ref' && !known(each)) faults.push(`${here}: there is no ${each}`);
      if (name === 'Condition' && typeof each === 'string' && !(each in template.Conditions)) {
        faults.push(`${here}: there is no condition ${each}`);
      }
      if (name === 'Fn::If' && !(each[0] in template.Conditions))
        faults.push(`${here}: there is no condition ${each[0]}`);
      if (name === 'Fn::GetAtt' && !attribute(each[0], each[1])) faults.push(`${here}: there is no ${each.join('.')}`);
      if (name === 'Fn::Sub') {
        for (const [, inside = ''] of each.matchAll(/\$\{([^}]+)\}/g)) {
          if (!known(inside)) faults.push(`${here}: there is no ${inside}`);
        }
      }
      this.#references(template, each, here, faults);
    }
  }
}
