import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import { templatesFolder } from '../scripts/templates.ts';

/** Any JSON, as a template holds it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into templates by paths that they know
export type Json = any;

/** A template.yaml as JSON, with CloudFormation's functions in their long form. Read without the code that wrote it. */
export async function readTemplate(name: string): Promise<Json> {
  return parseTemplate(await readFile(join(templatesFolder, name, 'template.yaml'), 'utf8'));
}

/** @throws Error where the text is no YAML, has a key twice, or a tag that is no function of CloudFormation */
export function parseTemplate(text: string): Json {
  const names = ['Ref', 'Condition', 'If', 'Sub', 'GetAtt', 'Join', 'Equals', 'Not', 'Or', 'And', 'Select', 'Split'];
  const customTags = names.flatMap((name) => [
    { tag: `!${name}`, resolve: (value: string) => value },
    { tag: `!${name}`, collection: 'seq' as const, resolve: (value: Json) => value },
  ]);
  const document = parseDocument(text, { customTags, version: '1.1' });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw fault;
  const long = (node: Node): Json => {
    if (isSeq(node))
      return tagged(
        node,
        node.items.map((item) => long(item as Node)),
      );
    if (isScalar(node)) return tagged(node, node.value);
    const pairs = (node as Json).items as { key: Json; value: Node }[];
    return Object.fromEntries(pairs.map(({ key, value }) => [key.value, long(value)]));
  };
  visit(document, {
    Alias() {
      throw new Error('CloudFormation knows no aliases');
    },
  });
  return long(document.contents as Node);
}

function tagged(node: Node & { tag?: string | undefined }, value: Json): Json {
  const name = node.tag?.startsWith('!') ? node.tag.slice(1) : undefined;
  if (name === undefined) return value;
  if (name === 'GetAtt' && typeof value === 'string') return { 'Fn::GetAtt': value.split('.') };
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}

/** The pseudo parameters of every stack in tests. */
const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'stack',
};

const left = Symbol('left out');

/** What a stack of a template has, with these parameters: resources by logical id, without those whose condition fails. */
export function makeStack(
  template: Json,
  parameters: Readonly<Record<string, string>>,
  attributes: (resource: string, name: string) => string,
): { readonly resources: Record<string, Json>; readonly outputs: Record<string, Json> } {
  const values = parameterValues(template, parameters);
  const holds = (name: string): boolean => {
    if (!(name in template.Conditions)) throw new Error(`there is no condition ${name}`);
    return truth(template.Conditions[name]);
  };
  const truth = (value: Json): boolean => {
    if (value?.Condition) return holds(value.Condition);
    if (value?.['Fn::Not']) return !truth(value['Fn::Not'][0]);
    if (value?.['Fn::Or']) return value['Fn::Or'].some(truth);
    if (value?.['Fn::Equals'])
      return String(resolve(value['Fn::Equals'][0])) === String(resolve(value['Fn::Equals'][1]));
    throw new Error(`no condition: ${JSON.stringify(value)}`);
  };
  const named = (name: string): Json => {
    if (name === 'AWS::NoValue') return left;
    const value = pseudo[name] ?? values[name];
    if (value !== undefined) return value;
    if (template.Resources[name] === undefined) throw new Error(`there is no ${name}`);
    return attributes(name, 'Ref');
  };
  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolve).filter((each) => each !== left);
    if (typeof value !== 'object') return value;
    if ('Ref' in value) return named(value.Ref);
    if ('Fn::GetAtt' in value) return attributes(value['Fn::GetAtt'][0], value['Fn::GetAtt'][1]);
    if ('Fn::Sub' in value) return value['Fn::Sub'].replace(/\$\{([^}]+)\}/g, (_: string, name: string) => named(name));
    if ('Fn::Join' in value) return resolve(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
    if ('Fn::If' in value) return resolve(value['Fn::If'][holds(value['Fn::If'][0]) ? 1 : 2]);
    const entries = Object.entries(value).map(([key, each]) => [key, resolve(each)] as const);
    return Object.fromEntries(entries.filter(([, each]) => each !== left));
  };
  const resources: Record<string, Json> = {};
  for (const [id, resource] of Object.entries<Json>(template.Resources)) {
    if (resource.Condition === undefined || holds(resource.Condition)) resources[id] = resolve(resource.Properties);
  }
  return { resources, outputs: resolve(template.Outputs) };
}

/** As CloudFormation takes them: unknown, missing and refused ones end the deploy. */
function parameterValues(template: Json, given: Readonly<Record<string, string>>): Record<string, Json> {
  const unknown = Object.keys(given).filter((name) => !(name in template.Parameters));
  if (unknown.length > 0) throw new Error(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const values: Record<string, Json> = {};
  for (const [name, { Type, Default, AllowedValues, AllowedPattern }] of Object.entries<Json>(template.Parameters)) {
    const value = given[name] ?? Default;
    if (value === undefined) throw new Error(`Parameters: [${name}] must have values`);
    if (AllowedValues !== undefined && !AllowedValues.map(String).includes(String(value))) {
      throw new Error(`Parameter '${name}' must be one of AllowedValues`);
    }
    if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(String(value))) {
      throw new Error(`Parameter ${name} failed to satisfy constraint: must satisfy regular expression`);
    }
    values[name] =
      Type === 'CommaDelimitedList'
        ? String(value)
            .split(',')
            .map((each) => each.trim())
        : String(value);
  }
  return values;
}
