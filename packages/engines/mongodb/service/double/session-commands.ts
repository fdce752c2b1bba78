import { type Command, type Context, type Document, need } from './context.ts';
import { checkFields } from './fields.ts';
import { badValue, Refusal } from './refusal.ts';
import { SaslConversation } from './sasl.ts';
import { keyOf } from './store.ts';

const saslFields = {
  saslStart: 'number',
  mechanism: 'string',
  payload: 'binary',
  autoAuthorize: 'bool?',
  options: 'object?',
} as const;

const helloFields = {
  helloOk: 'bool?',
  client: 'object?',
  compression: 'array?',
  saslSupportedMechs: 'string?',
  speculativeAuthenticate: 'object?',
  hostInfo: 'string?',
  topologyVersion: 'object?',
  maxAwaitTimeMS: 'number?',
  loadBalanced: 'bool?',
  backpressure: 'any?',
} as const;

export const sessionCommands: Readonly<Record<string, Command>> = {
  hello: { fields: { hello: 'number', ...helloFields }, open: true, run: hello },
  isMaster: { fields: { isMaster: 'number', ...helloFields }, open: true, run: hello },
  ismaster: { fields: { ismaster: 'number', ...helloFields }, open: true, run: hello },
  saslStart: {
    fields: saslFields,
    open: true,
    run(context, document) {
      context.client.conversation = begin(context, context.db, document);
      return context.client.conversation.challenge;
    },
  },
  saslContinue: {
    fields: { saslContinue: 'number', conversationId: 'number', payload: 'binary' },
    open: true,
    run: saslContinue,
  },
  ping: { fields: { ping: 'any' }, open: true, run: () => ({}) },
  buildInfo: {
    fields: { buildInfo: 'any' },
    open: true,
    run: ({ dialect: { version } }) => ({
      version: `${version}.0`,
      versionArray: [...version.split('.').map(Number), 0, 0],
      maxBsonObjectSize: 16_777_216,
    }),
  },
  endSessions: { fields: { endSessions: 'array' }, open: true, run: () => ({}) },
  getParameter: {
    fields: { getParameter: 'any', authenticationMechanisms: 'any?' },
    run(context) {
      need(context, 'getParameter', 'cluster', 'not authorized on admin to execute command');
      return { authenticationMechanisms: context.dialect.mechanisms };
    },
  },
  listCollections: {
    fields: {
      listCollections: 'number',
      filter: 'object?',
      nameOnly: 'bool?',
      authorizedCollections: 'bool?',
      cursor: 'object?',
    },
    run(context) {
      const { db } = context;
      need(context, 'listCollections', { db }, `not authorized on ${db} to execute command`);
      return { cursor: { id: 0n, ns: `${db}.$cmd.listCollections`, firstBatch: [] } };
    },
  },
};

function hello(context: Context, document: Document): object {
  const { dialect, store, role } = context;
  const { compression, saslSupportedMechs: named, speculativeAuthenticate: first, loadBalanced } = document;
  if (loadBalanced === true) throw badValue('this server is no load balancer');
  // Nothing is compressed here: a client that were to do it after this answer breaks the protocol.
  if (Array.isArray(compression) && compression.some((one) => typeof one !== 'string')) throw badValue('compression');
  return {
    ...role,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: context.client.id,
    minWireVersion: 0,
    maxWireVersion: dialect.maxWireVersion,
    readOnly: false,
    ...(typeof named === 'string' ? mechanismsOf(store, named) : {}),
    ...(first === undefined || dialect.longLogin ? {} : speculate(context, first as Document)),
  };
}

/** Databases hold no dot: what stands before the first is one. */
function mechanismsOf(store: Context['store'], named: string): object {
  const at = named.indexOf('.');
  if (at === -1) throw badValue('UserName must contain a . separated database.user pair');
  const user = store.users.get(keyOf(named.slice(0, at), named.slice(at + 1)));
  return user === undefined ? {} : { saslSupportedMechs: Object.keys(user.credentials) };
}

/** A login that begins in the question what the server is. Where it cannot, that is no error. */
function speculate(context: Context, { db, ...document }: Document): object {
  if (typeof db !== 'string') throw badValue('speculativeAuthenticate needs db');
  try {
    const conversation = begin(context, db, document);
    context.client.conversation = conversation;
    return { speculativeAuthenticate: conversation.challenge };
  } catch (error) {
    if (error instanceof Refusal) return {};
    throw error;
  }
}

function begin(context: Context, db: string, document: Document): SaslConversation {
  checkFields('saslStart', document, saslFields);
  const { store, dialect, client } = context;
  if (client.loggedIn !== undefined) throw new Refusal(17, 'ProtocolError', 'this connection is logged in already');
  return new SaslConversation(
    { store, offered: dialect.mechanisms, ends: client.ends, longLogin: dialect.longLogin },
    db,
    document,
  );
}

function saslContinue(context: Context, document: Document): object {
  const { client } = context;
  const { conversation } = client;
  if (conversation === undefined) throw new Refusal(17, 'ProtocolError', 'No SASL session state found');
  try {
    const answer = conversation.continue(document);
    if (answer.done) {
      client.conversation = undefined;
      client.loggedIn = { user: conversation.user.user, db: conversation.user.db };
      context.login(conversation.user.user, 'logged-in');
    }
    return answer;
  } catch (error) {
    client.conversation = undefined;
    context.login(conversation.user.user, 'refused');
    throw error;
  }
}
