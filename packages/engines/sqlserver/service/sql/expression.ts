import type { TokenReader } from './token-reader.ts';

/** A constant's or a cell's value; bytes have a wrapper of their own, for they are no text. */
export type Value = string | number | boolean | null | { readonly hex: string };

export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'column'; readonly path: readonly string[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'convert'; readonly type: string; readonly value: Expression; readonly style: number }
  | { readonly kind: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly value: Expression }
  | { readonly kind: 'null'; readonly value: Expression; readonly negated: boolean }
  | {
      readonly kind: 'in';
      readonly value: Expression;
      readonly list: readonly Expression[];
      readonly negated: boolean;
    };

/** Reads a condition or a value. */
export function readExpression(tokens: TokenReader): Expression {
  return either(tokens);
}

function either(tokens: TokenReader): Expression {
  let left = both(tokens);
  while (tokens.tookWord('OR')) left = { kind: 'binary', sign: 'OR', left, right: both(tokens) };
  return left;
}

function both(tokens: TokenReader): Expression {
  let left = negation(tokens);
  while (tokens.tookWord('AND')) left = { kind: 'binary', sign: 'AND', left, right: negation(tokens) };
  return left;
}

function negation(tokens: TokenReader): Expression {
  return tokens.tookWord('NOT') ? { kind: 'not', value: negation(tokens) } : comparison(tokens);
}

function comparison(tokens: TokenReader): Expression {
  const left = sum(tokens);
  for (const sign of ['=', '<>', '<=', '>=', '<', '>']) {
    if (tokens.tookSign(sign)) return { kind: 'binary', sign, left, right: sum(tokens) };
  }
  if (tokens.tookWord('IS')) {
    const negated = tokens.tookWord('NOT');
    tokens.word('NULL');
    return { kind: 'null', value: left, negated };
  }
  const negated = tokens.tookWord('NOT');
  if (!negated && !tokens.isWord('IN')) return left;
  tokens.word('IN');
  tokens.sign('(');
  const list = [readExpression(tokens)];
  while (tokens.tookSign(',')) list.push(readExpression(tokens));
  tokens.sign(')');
  return { kind: 'in', value: left, list, negated };
}

function sum(tokens: TokenReader): Expression {
  let left = primary(tokens);
  while (tokens.tookSign('+')) left = { kind: 'binary', sign: '+', left, right: primary(tokens) };
  return left;
}

function primary(tokens: TokenReader): Expression {
  const { kind } = tokens.token;
  if (kind === 'text') return { kind: 'constant', value: tokens.take('text') };
  if (kind === 'number') return { kind: 'constant', value: Number(tokens.take('number')) };
  if (kind === 'binary') return { kind: 'constant', value: { hex: tokens.take('binary') } };
  if (tokens.tookWord('NULL')) return { kind: 'constant', value: null };
  if (tokens.tookWord('@@TRANCOUNT')) return { kind: 'call', name: '@@TRANCOUNT', args: [] };
  if (tokens.tookSign('(')) {
    const inner = readExpression(tokens);
    tokens.sign(')');
    return inner;
  }
  if (tokens.tookWord('CONVERT')) return conversion(tokens);
  const path = tokens.path();
  if (path.length > 1 || !tokens.tookSign('(')) return { kind: 'column', path };
  const args: Expression[] = [];
  if (!tokens.tookSign(')')) {
    args.push(readExpression(tokens));
    while (tokens.tookSign(',')) args.push(readExpression(tokens));
    tokens.sign(')');
  }
  return { kind: 'call', name: path[0] ?? '', args };
}

function conversion(tokens: TokenReader): Expression {
  tokens.sign('(');
  const type = tokens.oneOf('NVARCHAR', 'INT');
  if (tokens.tookSign('(')) {
    tokens.take('number');
    tokens.sign(')');
  }
  tokens.sign(',');
  const value = readExpression(tokens);
  const style = tokens.tookSign(',') ? Number(tokens.take('number')) : 0;
  tokens.sign(')');
  return { kind: 'convert', type, value, style };
}
