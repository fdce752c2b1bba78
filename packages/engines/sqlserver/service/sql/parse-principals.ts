import type { Unplaced } from './parse.ts';
import type { Options } from './statements.ts';
import type { TokenReader } from './token-reader.ts';

export function readCreate(tokens: TokenReader): Unplaced {
  if (tokens.tookWord('LOGIN')) {
    const name = tokens.name();
    tokens.word('WITH');
    return { kind: 'create login', name, options: readOptions(tokens, loginOptions) };
  }
  if (tokens.tookWord('USER')) return readCreateUser(tokens);
  const kind = tokens.tookWord('SERVER') ? 'create server role' : 'create role';
  tokens.word('ROLE');
  const name = tokens.name();
  return { kind, name, owner: tokens.tookWord('AUTHORIZATION') ? tokens.name() : undefined };
}

function readCreateUser(tokens: TokenReader): Unplaced {
  const name = tokens.name();
  const without = tokens.tookWord('WITHOUT', 'LOGIN');
  const forLogin = !without && (tokens.tookWord('FOR', 'LOGIN') || tokens.tookWord('FROM', 'LOGIN'));
  const login = forLogin ? tokens.name() : undefined;
  const options = tokens.tookWord('WITH') ? readOptions(tokens, userOptions) : new Map();
  return { kind: 'create user', name, login, without, options };
}

export function readAlter(tokens: TokenReader): Unplaced {
  if (tokens.tookWord('LOGIN')) return readAlterLogin(tokens);
  if (tokens.tookWord('USER')) {
    const name = tokens.name();
    tokens.word('WITH');
    return { kind: 'alter user', name, options: readOptions(tokens, userOptions) };
  }
  const server = tokens.tookWord('SERVER');
  tokens.word('ROLE');
  const role = tokens.name();
  const adds = tokens.oneOf('ADD', 'DROP') === 'ADD';
  tokens.word('MEMBER');
  return { kind: 'role member', server, role, member: tokens.name(), adds };
}

function readAlterLogin(tokens: TokenReader): Unplaced {
  const name = tokens.name();
  if (tokens.tookWord('WITH')) return { kind: 'alter login', name, options: readOptions(tokens, loginOptions) };
  if (tokens.tookWord('ENABLE')) return { kind: 'switch login', name, enabled: true };
  if (tokens.tookWord('DISABLE')) return { kind: 'switch login', name, enabled: false };
  const adds = tokens.oneOf('ADD', 'DROP') === 'ADD';
  tokens.word('CREDENTIAL');
  return { kind: 'login credential', name, credential: tokens.name(), adds };
}

export function readDrop(tokens: TokenReader): Unplaced {
  const what = tokens.tookWord('SERVER') ? 'SERVER ROLE' : tokens.oneOf('LOGIN', 'USER', 'ROLE');
  if (what === 'SERVER ROLE') tokens.word('ROLE');
  return { kind: 'drop', what, name: tokens.name() };
}

type OptionValue = 'text' | 'name' | 'switch' | 'binary' | 'name or none' | 'name or null';

const loginOptions: Readonly<Record<string, OptionValue>> = {
  PASSWORD: 'text',
  SID: 'binary',
  DEFAULT_DATABASE: 'name',
  DEFAULT_LANGUAGE: 'name',
  CHECK_POLICY: 'switch',
  CHECK_EXPIRATION: 'switch',
};
const userOptions: Readonly<Record<string, OptionValue>> = {
  PASSWORD: 'text',
  SID: 'binary',
  DEFAULT_SCHEMA: 'name or null',
  DEFAULT_LANGUAGE: 'name or none',
  ALLOW_ENCRYPTED_VALUE_MODIFICATIONS: 'switch',
  LOGIN: 'name',
};

function readOptions(tokens: TokenReader, known: Readonly<Record<string, OptionValue>>): Options {
  const found = new Map<string, string | null>();
  do {
    const option = Object.keys(known).find((each) => tokens.tookWord(each));
    if (option === undefined || found.has(option)) throw tokens.unexpected();
    tokens.sign('=');
    if (option === 'PASSWORD' && known === loginOptions && tokens.token.kind === 'binary') {
      found.set(option, tokens.take('binary'));
      tokens.word('HASHED');
      found.set('HASHED', 'ON');
      continue;
    }
    found.set(option, readValue(tokens, known[option] ?? 'text'));
    if (option === 'PASSWORD') readPasswordOptions(tokens, found);
  } while (tokens.tookSign(','));
  return found;
}

/** They follow the password without a comma. */
function readPasswordOptions(tokens: TokenReader, found: Map<string, string | null>): void {
  for (;;) {
    if (tokens.tookWord('OLD_PASSWORD')) {
      tokens.sign('=');
      found.set('OLD_PASSWORD', tokens.take('text'));
    } else if (tokens.tookWord('MUST_CHANGE')) found.set('MUST_CHANGE', 'ON');
    else if (tokens.tookWord('UNLOCK')) found.set('UNLOCK', 'ON');
    else return;
  }
}

function readValue(tokens: TokenReader, value: OptionValue): string | null {
  switch (value) {
    case 'text':
      return tokens.take('text');
    case 'binary':
      return tokens.take('binary');
    case 'switch':
      return tokens.oneOf('ON', 'OFF');
    case 'name':
      return tokens.name();
    case 'name or none':
      return tokens.tookWord('NONE') ? null : tokens.name();
    case 'name or null':
      return tokens.tookWord('NULL') ? null : tokens.name();
  }
}
