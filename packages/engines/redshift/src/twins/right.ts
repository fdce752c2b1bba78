/** The two users, as statements name them: quoted. */
export interface Users {
  /** Whose right it is. */
  readonly user: string;
  /** The other one of the two. */
  readonly other: string;
}

/** One right that a user holds of its own: not through a group, a role or PUBLIC. */
export interface Right {
  /** The same for two users that may do the same. */
  readonly key: string;
  /** As people read it: `SELECT ON TABLE public.orders`. */
  readonly shown: string;
  /** Whether the user may hand it on. Undefined: that is not compared. */
  readonly option: boolean | undefined;
  /** The user has it in a way that cannot be taken from it, such as by owning the object. */
  readonly implied?: true;
  give(users: Users, option: boolean): string;
  take(users: Users): string;
  /** Takes only the option to hand it on. */
  takeOption?(users: Users): string;
  /** It is not given and taken: a person must settle it, as this says. */
  readonly remedy?: (users: Users) => string;
}

/** A property that every user has, with some value. */
export interface Attribute {
  readonly name: string;
  /** As people read it: `CONNECTION LIMIT 5`. */
  readonly shown: string;
  /** Gives this user the value. */
  set(user: string): readonly string[];
}

/** What makes one user different from another in one database, or in the whole cluster. */
export interface Holdings {
  readonly rights: readonly Right[];
  readonly attributes: readonly Attribute[];
  /** Objects that the user owns and that count as differences: `table public.orders`, each with the statement that gives it away. */
  readonly owned: readonly OwnedObject[];
}

export interface OwnedObject {
  readonly shown: string;
  /** Without the new owner: `ALTER TABLE "public"."orders" OWNER TO`. */
  readonly alter: string;
}

/** A right that `GRANT` gives and `REVOKE` takes. @param what all between GRANT and TO: `SELECT ON TABLE "t"` */
export function grantable(
  shown: string,
  what: string,
  option: boolean | undefined,
  more: { readonly optionName?: string; readonly suffix?: string } = {},
): Right {
  const { optionName = 'GRANT OPTION', suffix = '' } = more;
  return {
    key: shown,
    shown,
    option,
    give: ({ user }, withOption) => `GRANT ${what} TO ${user}${withOption ? ` WITH ${optionName}` : ''}${suffix}`,
    take: ({ user }) => `REVOKE ${what} FROM ${user}${suffix}`,
    takeOption: ({ user }) => `REVOKE ${optionName} FOR ${what} FROM ${user}${suffix}`,
  };
}

/** A right that only a person can give or take. */
export function notGrantable(shown: string, remedy: (users: Users) => string): Right {
  const never = (): string => {
    throw new Error('nobody gives this');
  };
  return { key: shown, shown, option: undefined, remedy, give: never, take: never };
}
