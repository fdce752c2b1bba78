import { sameName } from '../model/names.ts';
import type { Session } from '../model/session.ts';
import { SqlError, syntaxError } from '../model/sql-error.ts';
import type { Expression, Value } from './expression.ts';
import { functions } from './functions.ts';

/** Where a column's value is looked up. */
export type Scope = (path: readonly string[]) => Value;

/** No view is in reach. @throws SqlError always */
export const noColumns: Scope = (path) => {
  throw invalidColumn(path);
};

/** Msg 207, or 4104 for a name with a qualifier. */
export function invalidColumn(path: readonly string[]): SqlError {
  return path.length > 1
    ? new SqlError(4104, `The multi-part identifier "${path.join('.')}" could not be bound.`)
    : new SqlError(207, `Invalid column name '${path.at(-1)}'.`);
}

/** The value of an expression; a condition is true, false, or null for unknown. */
export function evaluate(expression: Expression, scope: Scope, session: Session): Value {
  const value = (inner: Expression) => evaluate(inner, scope, session);
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'column':
      return scope(expression.path);
    case 'call': {
      const found = functions.get(expression.name.toUpperCase());
      if (found === undefined)
        throw new SqlError(195, `'${expression.name}' is not a recognized built-in function name.`, 15);
      if (found.takes !== expression.args.length)
        throw new SqlError(174, `The ${expression.name} function requires ${found.takes} argument(s).`, 15);
      return found.call(session, expression.args.map(value));
    }
    case 'convert':
      return convert(value(expression.value), expression.type, expression.style);
    case 'not': {
      const inner = value(expression.value);
      return inner === null ? null : inner !== true;
    }
    case 'null':
      return (value(expression.value) === null) !== expression.negated;
    case 'in':
      return isIn(value(expression.value), expression.list.map(value), expression.negated);
    case 'binary':
      return combine(expression.sign, value(expression.left), () => value(expression.right));
  }
}

function isIn(value: Value, list: readonly Value[], negated: boolean): Value {
  if (value === null) return null;
  const found = list.some((each) => equal(value, each) === true);
  if (!found && list.includes(null)) return null;
  return found !== negated;
}

function combine(sign: string, left: Value, right: () => Value): Value {
  if (sign === 'AND' || sign === 'OR') {
    const decisive = sign === 'OR';
    const other = right();
    if (left === decisive || other === decisive) return decisive;
    return left === null || other === null ? null : !decisive;
  }
  const other = right();
  if (left === null || other === null) return null;
  if (sign === '+') return typeof left === 'number' ? left + Number(other) : `${text(left)}${text(other)}`;
  if (sign === '=') return equal(left, other);
  if (sign === '<>') return equal(left, other) === false;
  const [a, b] = [Number(left), Number(other)];
  if (sign === '<') return a < b;
  if (sign === '>') return a > b;
  return sign === '<=' ? a <= b : a >= b;
}

/** As the server compares: texts without case and padding, a bit as a number. @throws SqlError for bytes and text */
function equal(left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'object' || typeof right === 'object') {
    if (typeof left !== 'object' || typeof right !== 'object') {
      throw new SqlError(257, 'Implicit conversion from data type nvarchar to varbinary is not allowed.');
    }
    return left.hex === right.hex;
  }
  if (typeof left === 'string' && typeof right === 'string') return sameName(left, right);
  const [a, b] = [Number(left), Number(right)];
  if (Number.isNaN(a) || Number.isNaN(b))
    throw new SqlError(245, 'Conversion failed when converting the nvarchar value to data type int.');
  return a === b;
}

function convert(value: Value, type: string, style: number): Value {
  if (value === null) return null;
  if (type === 'INT') return Number(value);
  if (typeof value !== 'object') return String(value);
  // Style 1 writes bytes as 0x…; without it they would be taken for characters.
  if (style !== 1) throw syntaxError('CONVERT');
  return value.hex;
}

function text(value: Value): string {
  return typeof value === 'object' && value !== null ? value.hex : String(value);
}
