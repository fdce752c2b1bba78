/** What the master needs besides for a statement, where that can be asked beforehand. */
type Need = 'users' | 'roles';

/** One way in which the two users may not do the same, and how it is settled. */
export interface Difference {
  /** Names it: `app_clone lacks SELECT ON OBJECT::dbo.orders in the database app`. */
  readonly text: string;
  readonly database: string | undefined;
  /** What settling it gives or takes, for the log. */
  readonly change: { readonly given: string } | { readonly taken: string };
  /** In their order. Empty: only a person can settle it, as `remedy` says, or another difference's statements do. */
  readonly statements: readonly string[];
  /** Only a person can settle it: what to do. */
  readonly remedy?: string;
  /** Somebody else has the name that the next user would get. */
  readonly nameTaken?: true;
  readonly need?: Need;
  /** Users are made before they are given something, and what nobody uses is dropped last. @default 'rest' */
  readonly phase?: 'first' | 'rest' | 'last';
}
