import { Document, isScalar, isSeq, type Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Part, Value } from './cloudformation.ts';

/** Functions that are written as a tag: `!Ref x`. */
const tags = /^(?:Ref|Condition|Fn::(?:If|Sub|GetAtt|Join|Equals|Not|Or|And|Select|Split))$/;

/** A template as YAML, with CloudFormation's short forms, in the order of its keys. */
export function templateYaml(template: Part, comment: string): string {
  // Version 1.1, as CloudFormation reads it: what looks like a date or a yes there is quoted.
  const document = new Document<Node>(undefined, { version: '1.1' });
  document.contents = node(document, template);
  document.commentBefore = ` ${comment}`;
  return document.toString({ lineWidth: 0, singleQuote: true, indentSeq: false });
}

function node(document: Document, value: Value): Node {
  if (Array.isArray(value)) {
    const sequence = new YAMLSeq<Node>();
    for (const each of value) sequence.items.push(node(document, each));
    return sequence;
  }
  if (typeof value !== 'object') return document.createNode(value) as Node;
  const [[name, argument] = ['', ''], ...others] = Object.entries(value as Part);
  if (others.length === 0 && tags.test(name)) return tagged(document, name, argument);
  const map = new YAMLMap<Node, Node>();
  for (const [key, each] of Object.entries(value as Part)) {
    map.items.push(new Pair(document.createNode(key) as Node, node(document, each)));
  }
  return map;
}

function tagged(document: Document, name: string, argument: Value): Node {
  const short = `!${name.replace('Fn::', '')}`;
  const flat = short === '!GetAtt' && Array.isArray(argument) ? argument.join('.') : argument;
  const result = node(document, flat);
  result.tag = short;
  const items = isSeq(result) ? result.items : [];
  // Short lists on one line, as people write them.
  if (isSeq(result) && items.every((item) => isScalar(item) && JSON.stringify(item.value).length < 60))
    result.flow = true;
  return result;
}
