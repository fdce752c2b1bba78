/** One way in which the two roles may not do the same, and how it is settled. */
export interface Difference {
  /** Names it: `app_clone lacks CREATEDB`. */
  readonly text: string;
  /** What is given, or taken, by settling it, for the log. */
  readonly change: { readonly given: string } | { readonly taken: string };
  /** In their order. Empty: only a person can settle it, as `remedy` says. */
  readonly steps: readonly Step[];
  readonly remedy?: string;
}

/** One or more statements that belong together. */
export interface Step {
  readonly sql: string;
  /** The role that must run it. @default - the role that the session acts as */
  readonly actAs?: string;
  /** Whether that role owns the object: a superuser need not act as it. */
  readonly isOwner?: boolean;
  /** Comes after what other steps need it for. @default 'rest' */
  readonly phase?: Phase;
  /** Roles whose privileges the session needs besides. */
  readonly needs?: readonly string[];
  /** Without it no later step can be tried. */
  readonly fundamental?: true;
}

/**
 * In their order. What the twin has granted on is revoked before what it holds, of all objects: a right to a table
 * that is taken takes those to its columns with it, and PostgreSQL refuses that while somebody has them from the twin.
 */
const phases = ['rest', 'granted on', 'held', 'schemas', 'attributes'] as const;

type Phase = (typeof phases)[number];

/** All steps in the order in which they are run, each with what it settles. */
export function stepsOf(
  differences: readonly Difference[],
): readonly { readonly difference: Difference; readonly step: Step }[] {
  const all = differences.flatMap((difference) => difference.steps.map((step) => ({ difference, step })));
  return phases.flatMap((phase) => all.filter(({ step }) => (step.phase ?? 'rest') === phase));
}
