/**
 * Whether a grant on the databases of `pattern` holds for every database that `target` stands for. In a
 * pattern `%` is any text, `_` any character, and a backslash takes their meaning from them.
 * @see https://mariadb.com/kb/en/grant/#database-privileges
 */
export function patternCovers(pattern: string, target: string, targetIs: 'pattern' | 'name'): boolean {
  const parts = tokens(pattern);
  const others = targetIs === 'pattern' ? tokens(target) : [...target].map((text): Token => ({ text }));
  // reach[i]: whether the parts so far cover the first i of the others.
  let reach = others.map(() => false);
  let atStart = true;
  for (const part of parts) {
    const next: boolean[] = [];
    let before = atStart;
    let running = part.any === true && atStart;
    for (const [index, other] of others.entries()) {
      const here = reach[index] === true;
      if (part.any === true) {
        running ||= here;
        next.push(running);
      } else {
        const matches = other.any !== true && (part.one === true || (other.one !== true && part.text === other.text));
        next.push(before && matches);
      }
      before = here;
    }
    atStart = atStart && part.any === true;
    reach = next;
  }
  return others.length === 0 ? atStart : reach.at(-1) === true;
}

interface Token {
  readonly text?: string;
  readonly one?: boolean;
  readonly any?: boolean;
}

function tokens(pattern: string): readonly Token[] {
  return [...pattern.matchAll(/\\?([\s\S])/gu)].map(([whole, text = '']) => {
    if (whole === '%') return { any: true };
    if (whole === '_') return { one: true };
    return { text };
  });
}
