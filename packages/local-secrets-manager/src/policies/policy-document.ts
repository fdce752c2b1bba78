import * as v from 'valibot';
import { malformedPolicy } from '../wire/service-error.ts';
import { checkPrincipals, type Principals } from './principals.ts';

const strings = v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))]);
const actions = patterns(/^(?:\*|[a-zA-Z0-9-]+:[A-Za-z0-9*?]+)$/);
const resources = patterns(/^(?:\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+)$/);
const principals = v.union([v.literal('*'), v.record(v.string(), strings)]);
const scalar = v.union([v.string(), v.number(), v.boolean()]);

/** One statement of a resource policy, checked. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Sid?: string | undefined;
  readonly Principal?: Principals | undefined;
  readonly NotPrincipal?: Principals | undefined;
  readonly Action?: string | string[] | undefined;
  readonly NotAction?: string | string[] | undefined;
  readonly Resource?: string | string[] | undefined;
  readonly NotResource?: string | string[] | undefined;
  /** Values by condition key, by operator. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

const statement: v.GenericSchema<unknown, Statement> = v.pipe(
  v.strictObject({
    Sid: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9]*$/))),
    Effect: v.picklist(['Allow', 'Deny']),
    Principal: v.optional(principals),
    NotPrincipal: v.optional(principals),
    Action: v.optional(actions),
    NotAction: v.optional(actions),
    Resource: v.optional(resources),
    NotResource: v.optional(resources),
    Condition: v.optional(v.record(v.string(), v.record(v.string(), v.union([scalar, v.array(scalar)])))),
  }),
  v.check((each) => (each.Principal === undefined) !== (each.NotPrincipal === undefined)),
  v.check((each) => (each.Action === undefined) !== (each.NotAction === undefined)),
  v.check((each) => (each.Resource === undefined) !== (each.NotResource === undefined)),
);

const document = v.strictObject({
  Version: v.optional(v.picklist(['2012-10-17', '2008-10-17'])),
  Id: v.optional(v.string()),
  Statement: v.union([statement, v.pipe(v.array(statement), v.minLength(1))]),
});

/**
 * Reads a resource policy.
 * @throws ServiceError MalformedPolicyDocumentException where the text is no policy, or names a principal of no known kind
 */
export function parsePolicy(text: string): readonly Statement[] {
  const result = v.safeParse(document, parsed(text));
  if (!result.success) throw syntaxError();
  const { Statement: given } = result.output;
  const statements = Array.isArray(given) ? given : [given];
  const ids = statements.flatMap(({ Sid }) => (Sid === undefined || Sid === '' ? [] : [Sid]));
  if (new Set(ids).size < ids.length) throw syntaxError();
  for (const { Principal, NotPrincipal } of statements) checkPrincipals(Principal ?? NotPrincipal ?? {});
  return statements;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw syntaxError();
  }
}

function syntaxError(): Error {
  return malformedPolicy('This resource policy contains a syntax error.');
}

function patterns(pattern: RegExp): v.GenericSchema<string | string[]> {
  const one = v.pipe(v.string(), v.regex(pattern));
  return v.union([one, v.pipe(v.array(one), v.minLength(1))]);
}
