import type { RotationTemplate } from './rotation-template.ts';
import { allTemplates, type TemplateFacts } from './template-facts.ts';

/** What is known of a function: all of a template's, and of one's own code what any template may need. */
export type FunctionFacts = Omit<TemplateFacts, 'method' | 'master'> & {
  /** Of one's own code it is not known. */
  readonly master: TemplateFacts['master'] | 'unknown';
};

/** The facts of a template, or of code of one's own, of which nothing is known: it may be any. */
export function factsFor(template: RotationTemplate | undefined): FunctionFacts {
  if (template !== undefined) return template.facts;
  const all = Object.values(allTemplates());
  return {
    name: 'your own function',
    description: 'Rotates secrets.',
    timeoutSeconds: 60,
    master: 'unknown',
    requiredKeys: [],
    variables: [...new Set(all.flatMap(({ variables }) => variables))],
    actions: unionOf(all.map(({ actions }) => actions)),
  };
}

function unionOf(all: readonly TemplateFacts['actions'][]): TemplateFacts['actions'] {
  const union: Record<string, string[]> = {};
  for (const actions of all) {
    for (const [sid, names] of Object.entries(actions)) {
      union[sid] = [...new Set([...(union[sid] ?? []), ...names])].sort();
    }
  }
  return union;
}
