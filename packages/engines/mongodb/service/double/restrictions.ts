import { BlockList, isIP } from 'node:net';
import { closureOf } from './privileges.ts';
import { badValue } from './refusal.ts';
import { keyOf, type Restriction, type Store, type StoredUser } from './store.ts';

/** Whether the user, and every role that it has, lets a client log in from there to here. */
export function mayLogIn(store: Store, user: StoredUser, client: string, server: string): boolean {
  const all = [
    user.authenticationRestrictions,
    ...closureOf(store, user.roles).map(({ role, db }) => store.roles.get(keyOf(db, role))?.authenticationRestrictions),
  ];
  return all.every((list) => list === undefined || list.length === 0 || list.some((one) => lets(one, client, server)));
}

function lets({ clientSource, serverAddress }: Restriction, client: string, server: string): boolean {
  return (
    (clientSource === undefined || clientSource.some((range) => holds(range, client))) &&
    (serverAddress === undefined || serverAddress.some((range) => holds(range, server)))
  );
}

function holds(range: string, address: string): boolean {
  const { network, bits, family } = parse(range);
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(address.replace(/^::ffff:/, ''), isIP(address.replace(/^::ffff:/, '')) === 6 ? 'ipv6' : 'ipv4');
}

function parse(range: string): { readonly network: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } {
  const [network = '', bits] = range.split('/');
  const version = isIP(network);
  const most = version === 6 ? 128 : 32;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || !(length <= most)) throw badValue(`Not a valid address or CIDR range: ${range}`);
  return { network, bits: length, family: version === 6 ? 'ipv6' : 'ipv4' };
}

/** Reads the field `authenticationRestrictions` of a command. @throws Refusal */
export function restrictionsIn(value: readonly unknown[]): readonly Restriction[] {
  return value.map((one) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) throw badValue('a restriction is no document');
    const entries = Object.entries(one);
    if (entries.length === 0) throw badValue('a restriction is empty');
    for (const [key, list] of entries) {
      if (key !== 'clientSource' && key !== 'serverAddress') throw badValue(`unknown field ${key} of a restriction`);
      if (!Array.isArray(list) || list.length === 0) throw badValue(`${key} is no list`);
      for (const range of list) parse(String(range));
    }
    return one as Restriction;
  });
}
