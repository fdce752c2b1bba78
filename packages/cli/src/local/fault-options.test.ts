import { expect, it } from 'vitest';
import { WrongUsage } from '../errors.ts';
import { readFault } from './fault-options.ts';

const operations = ['GetSecretValue', 'PutSecretValue'];

it.each([
  ['PutSecretValue:after:drop', { operation: 'PutSecretValue', moment: 'after', action: 'drop' }],
  ['PutSecretValue:after:drop:2', { operation: 'PutSecretValue', moment: 'after', action: 'drop', nth: 2 }],
  ['*:before:throttle:3+', { moment: 'before', action: 'throttle', nth: 3, times: Number.POSITIVE_INFINITY }],
  ['*:before:delay=500:2x3', { moment: 'before', action: 'delay', ms: 500, nth: 2, times: 3 }],
  ['GetSecretValue:before:stale', { operation: 'GetSecretValue', moment: 'before', action: 'stale' }],
  [
    'GetSecretValue:before:stale=200',
    { operation: 'GetSecretValue', moment: 'before', action: 'stale', withinMs: 200 },
  ],
  ['*@rotate-db:after:kill', { caller: 'rotate-db', moment: 'after', action: 'kill' }],
  ['*:before:freeze', { moment: 'before', action: 'freeze' }],
  [
    '*:before:error=InternalServiceError',
    { moment: 'before', action: 'error', type: 'InternalServiceError', status: 500 },
  ],
  ['*:before:error=AccessDeniedException', { moment: 'before', action: 'error', type: 'AccessDeniedException' }],
])('%s', (text, fault) => {
  expect(readFault(text, operations)).toEqual(fault);
});

it.each([
  ['', 'write OPERATION[@CALLER]:before|after:ACTION[:WHICH]'],
  ['drop', 'write OPERATION'],
  ['PutSecretValue:after', 'write OPERATION'],
  ['PutSecretValue:after:drop:1:2', 'write OPERATION'],
  ['putsecretvalue:after:drop', 'there is no operation "putsecretvalue"; is it PutSecretValue; * stands for all.'],
  ['Put:after:drop', 'there is no operation "Put"; is it PutSecretValue'],
  ['Nothing:after:drop', 'there is no operation "Nothing"; * stands for all.'],
  [':after:drop', 'there is no operation ""; * stands for all.'],
  ['*@:after:drop', 'after @ stands one caller'],
  ['*@a@b:after:drop', 'after @ stands one caller'],
  ['*:during:drop', 'it strikes before or after, not "during".'],
  ['*:after:explode', 'there is no action "explode"; there is drop,'],
  ['*:after:drop=1', 'drop takes no value.'],
  ['*:after:delay', 'write delay=MS'],
  ['*:after:delay=soon', 'write delay=MS'],
  ['*:before:error', 'write error=TYPE'],
  ['*:before:error=a b', 'write error=TYPE'],
  ['*:before:stale=x', 'write stale, or stale=MS'],
  ['*:after:stale', 'a stale read is one before'],
  ['*:after:drop:0', 'which calls? Write 2, 2+ or 2x3, not "0".'],
  ['*:after:drop:-1', 'which calls?'],
  ['*:after:drop:2x', 'which calls?'],
])('%s is refused, saying what to write', (text, why) => {
  const read = (): unknown => readFault(text, operations);
  expect(read).toThrow(WrongUsage);
  expect(read).toThrow(`--fault ${text}: ${why}`);
});
