import type { Fault, FaultAction } from '@keyturn/local-secrets-manager';
import { WrongUsage } from '../errors.ts';

/** What the help says of `--fault`. */
export const faultHelp = `break calls: OPERATION[@CALLER]:before|after:ACTION[:WHICH]
  OPERATION  as the API names it, or * for all
  @CALLER    a function's name or an access key id; else everybody
  ACTION     drop, freeze, kill, throttle, delay=MS, stale, stale=MS,
             error=TYPE (such as error=InternalServiceError)
  WHICH      2 (the second such call), 2+ (from the second on),
             2x3 (three from the second on); else each
  PutSecretValue:after:drop:1 loses the answer of the first PutSecretValue`;

const WHICH = /^([1-9]\d{0,8})(\+|x([1-9]\d{0,8}))?$/;
const NUMBER = /^\d{1,9}$/;

/** Reads one `--fault`. @param operations those of the service @throws WrongUsage */
export function readFault(text: string, operations: readonly string[]): Fault {
  const wrong = (why: string): WrongUsage => new WrongUsage(`--fault ${text}: ${why}`);
  const [where = '', moment, what, which, ...rest] = text.split(':');
  if (moment === undefined || what === undefined || rest.length > 0) {
    throw wrong('write OPERATION[@CALLER]:before|after:ACTION[:WHICH], such as PutSecretValue:after:drop:2.');
  }
  const [operation = '', caller, ...more] = where.split('@');
  if (operation !== '*' && !operations.includes(operation)) {
    throw wrong(`there is no operation "${operation}"${nearest(operation, operations)}; * stands for all.`);
  }
  if (caller === '' || more.length > 0) throw wrong('after @ stands one caller: a function or an access key id.');
  if (moment !== 'before' && moment !== 'after') throw wrong(`it strikes before or after, not "${moment}".`);
  const action = readAction(what, wrong);
  if (action.action === 'stale' && moment === 'after') throw wrong('a stale read is one before: write before:stale.');
  return {
    ...action,
    moment,
    ...(operation === '*' ? {} : { operation }),
    ...(caller === undefined ? {} : { caller }),
    ...readWhich(which, wrong),
  };
}

function readAction(what: string, wrong: (why: string) => WrongUsage): FaultAction {
  const at = what.indexOf('=');
  const action = at === -1 ? what : what.slice(0, at);
  const value = at === -1 ? undefined : what.slice(at + 1);
  const isMs = value !== undefined && NUMBER.test(value);
  if (action === 'drop' || action === 'freeze' || action === 'kill' || action === 'throttle') {
    if (value !== undefined) throw wrong(`${action} takes no value.`);
    return { action };
  }
  if (action === 'delay') {
    if (!isMs) throw wrong('write delay=MS, such as delay=500.');
    return { action, ms: Number(value) };
  }
  if (action === 'stale') {
    if (value !== undefined && !isMs) throw wrong('write stale, or stale=MS for writes younger than that.');
    return value === undefined ? { action } : { action, withinMs: Number(value) };
  }
  if (action === 'error') {
    if (value === undefined || !/^[A-Za-z]{1,64}$/.test(value))
      throw wrong('write error=TYPE, such as error=InternalServiceError.');
    return { action, type: value, ...(value.startsWith('Internal') ? { status: 500 } : {}) };
  }
  throw wrong(`there is no action "${action}"; there is drop, freeze, kill, throttle, delay=MS, stale, error=TYPE.`);
}

function readWhich(which: string | undefined, wrong: (why: string) => WrongUsage): { nth?: number; times?: number } {
  if (which === undefined) return {};
  const [, nth, more, times] = WHICH.exec(which) ?? [];
  if (nth === undefined) throw wrong(`which calls? Write 2, 2+ or 2x3, not "${which}".`);
  const first = Number(nth);
  if (more === undefined) return { nth: first };
  return { nth: first, times: more === '+' ? Number.POSITIVE_INFINITY : Number(times) };
}

function nearest(operation: string, operations: readonly string[]): string {
  const wanted = operation.toLowerCase();
  const found = operations.find((each) => each.toLowerCase() === wanted || each.toLowerCase().startsWith(wanted));
  return operation === '' || found === undefined ? '' : `; is it ${found}`;
}
