/** A value of a CloudFormation template, in JSON's long form: `{ Ref: 'x' }`, `{ 'Fn::If': [ … ] }`. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** A part of a template with its keys. */
export type Part = { readonly [key: string]: Value };

/** Leaves a property out, where a condition chooses it. */
export const noValue: Value = { Ref: 'AWS::NoValue' };

export const ref = (name: string): Value => ({ Ref: name });
export const attribute = (resource: string, name: string): Value => ({ 'Fn::GetAtt': [resource, name] });
/** A text with the values of parameters and pseudo parameters in it: `` sub`arn:${'AWS::Partition'}:iam` ``. */
export const sub = (texts: TemplateStringsArray, ...names: readonly string[]): Value => ({
  'Fn::Sub': texts.map((text, i) => (names[i] === undefined ? text : `${text}\${${names[i]}}`)).join(''),
});
export const choose = (condition: string, then: Value, otherwise: Value = noValue): Value => ({
  'Fn::If': [condition, then, otherwise],
});

/** The condition that a parameter is given. */
export const given = (parameter: string): string => `Has${parameter[0]?.toUpperCase()}${parameter.slice(1)}`;
