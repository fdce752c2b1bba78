import type { Json } from './template-cloudformation.ts';

/** A call that AWS asks the policy of a role about. */
export interface PolicyQuestion {
  readonly action: string;
  readonly resource: string;
  /** The condition keys of the request, by name in lower case. */
  readonly context?: Readonly<Record<string, string>>;
}

/** A statement with one of its actions, as the answer to a question. */
export interface PolicyUse {
  readonly sid: string;
  readonly action: string;
}

/**
 * Whether policies of a role allow a call, as IAM does it: a Deny wins, else one Allow is enough.
 * Only what templates use is known; anything else throws, so that nothing is taken for allowed by mistake.
 * @returns the statement that allows it, or undefined
 */
export function allowedBy(statements: readonly Json[], question: PolicyQuestion): PolicyUse | undefined {
  const matching = statements.filter((statement) => matches(statement, question));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return undefined;
  const [allowing] = matching;
  return allowing === undefined ? undefined : { sid: allowing.Sid, action: question.action };
}

/** Every action of every statement that allows something. */
export function grantsOf(statements: readonly Json[]): PolicyUse[] {
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Sid, Action }) => list(Action).map((action) => ({ sid: Sid, action })));
}

function matches(statement: Json, { action, resource, context = {} }: PolicyQuestion): boolean {
  const { Effect, Action, Resource, Condition = {}, Sid, ...others } = statement;
  if (!['Allow', 'Deny'].includes(Effect) || typeof Sid !== 'string' || Object.keys(others).length > 0) {
    throw new Error(`a statement that is not understood: ${JSON.stringify(statement)}`);
  }
  return (
    list(Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    list(Resource).some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) => conditionHolds(operator, keys as Json, context))
  );
}

function conditionHolds(operator: string, keys: Json, context: Readonly<Record<string, string>>): boolean {
  if (!['StringEquals', 'ArnEquals'].includes(operator)) throw new Error(`the operator ${operator} is not understood`);
  return Object.entries(keys).every(([key, values]) => {
    const value = context[key.toLowerCase()];
    // A key that the request does not have fails the condition.
    if (value === undefined) return false;
    return list(values as Json).some((wanted) => (operator === 'ArnEquals' ? like(wanted, value) : wanted === value));
  });
}

/** IAM's patterns: `*` for any text, `?` for one character. */
function like(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

function list(value: Json): string[] {
  return Array.isArray(value) ? value : [value];
}
