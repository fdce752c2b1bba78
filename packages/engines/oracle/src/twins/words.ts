import { quoted } from '@keyturn/core';
import type { Difference } from './differences.ts';
import type { Right, Target } from './rights.ts';

/** A name that can stand in a log line. */
export function nameWords(name: string): string {
  return /^[A-Z][\w$#]{0,199}$/.test(name) ? name : quoted(name);
}

/** What somebody may do: `SELECT ON TABLE HR.ORDERS WITH GRANT OPTION`, `the role READERS`. */
export function rightWords({ target, extent }: Right): string {
  const far = extentWords(target, extent);
  return far === '' ? targetWords(target) : `${targetWords(target)} ${far}`;
}

function targetWords(target: Target): string {
  switch (target.kind) {
    case 'system':
      return target.privilege;
    case 'schema':
      return `${target.privilege} ON SCHEMA ${nameWords(target.schema)}`;
    case 'role':
      return `the role ${nameWords(target.role)}`;
    case 'object': {
      const { privilege, column, type, owner, name } = target;
      const where =
        type === 'DIRECTORY' || type === 'USER' ? nameWords(name) : `${nameWords(owner)}.${nameWords(name)}`;
      return `${privilege}${column === undefined ? '' : ` (${nameWords(column)})`} ON ${type} ${where}`;
    }
    case 'quota':
      return `a quota ON ${nameWords(target.tablespace)}`;
    case 'client-of':
      return `CONNECT THROUGH ${nameWords(target.proxy)}`;
    case 'proxy-of':
      return `to connect as ${nameWords(target.client)}`;
    case 'consumer-group':
      return `the consumer group ${nameWords(target.group)}`;
  }
}

function extentWords(target: Target, extent: string): string {
  if (target.kind === 'quota') return `of ${extent}`;
  if (!extent.startsWith('[')) return extent;
  const [clause, roles, proof] = JSON.parse(extent) as [string, string[], string];
  return `${clause} ${roles.map(nameWords).join(', ')}${proof}`;
}

/** The difference as lines about the user `next`, in both directions. */
export function differenceWords(difference: Difference, current: string, next: string): readonly string[] {
  const [who, model] = [nameWords(next), nameWords(current)];
  switch (difference.kind) {
    case 'ownership':
      return [
        `${nameWords(difference.owner)} owns ${quoted(difference.object)}, ${difference.owner === next ? model : who} does not`,
      ];
    case 'shared':
      return [`${nameWords(difference.twin)} lacks ${rightWords(difference.right)}`];
    case 'current-schema':
      return [`${nameWords(difference.twin)} does not log in to the schema ${nameWords(difference.base)}`];
    case 'setting':
      return [
        `${who} has ${difference.name} ${nameWords(difference.has)}, ${model} has ${nameWords(difference.wanted)}`,
      ];
    case 'default-roles':
      return [`${who} has the default roles ${list(difference.has)}, ${model} has ${list(difference.wanted)}`];
    case 'right': {
      const { wanted, has } = difference;
      if (has === undefined) return wanted === undefined ? [] : [`${who} lacks ${rightWords(wanted)}`];
      if (wanted === undefined) return [`${who} has ${rightWords(has)}, ${model} has not`];
      return [`${who} has ${rightWords(has)}, ${model} has ${rightWords(wanted)}`];
    }
  }
}

/** As many lines as a message may hold. */
export function listed(lines: readonly string[]): string {
  const shown = 20;
  const more = lines.length - shown;
  return lines.slice(0, shown).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'NONE' : names.map(nameWords).join(', ');
}
