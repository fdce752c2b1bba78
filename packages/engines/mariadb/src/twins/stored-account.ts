import type { StoredAccount } from '../accounts.ts';
import type { Row } from '../connection.ts';
import type { Limits, PasswordLifetime, TlsDemand } from './rights.ts';

/** What the JSON of an account holds besides how it authenticates. */
export interface StoredRights extends StoredAccount {
  readonly access?: number;
  readonly version_id?: number;
  readonly ssl_type?: number;
  readonly ssl_cipher?: string;
  readonly x509_issuer?: string;
  readonly x509_subject?: string;
  readonly max_questions?: number;
  readonly max_updates?: number;
  readonly max_connections?: number;
  readonly max_user_connections?: number;
  readonly max_statement_time?: number;
  readonly password_lifetime?: number;
  readonly account_locked?: boolean;
  readonly default_role?: string;
}

/** A row of `mysql.global_priv`. */
export interface StoredRow extends Row {
  readonly User: string;
  readonly Host: string;
  readonly stored: StoredRights;
}

/** One text for one account. */
export function accountKey(username: unknown, host: unknown): string {
  return JSON.stringify([username, host]);
}

/** Reads the JSON of the row. */
export function storedRow({ User, Host, Priv }: Row): StoredRow {
  return { User: String(User), Host: String(Host), stored: JSON.parse(String(Priv)) as StoredRights };
}

/** @see https://mariadb.com/kb/en/mysqlglobal_priv-table/ */
export function tlsOf(stored: StoredRights): TlsDemand {
  const type = (['NONE', 'SSL', 'X509', 'SPECIFIED'] as const)[stored.ssl_type ?? 0] ?? 'NONE';
  const specified = type === 'SPECIFIED';
  return {
    type,
    issuer: specified ? (stored.x509_issuer ?? '') : '',
    subject: specified ? (stored.x509_subject ?? '') : '',
    cipher: specified ? (stored.ssl_cipher ?? '') : '',
  };
}

/** An absent limit is none. */
export function limitsOf(stored: StoredRights): Limits {
  return {
    MAX_QUERIES_PER_HOUR: stored.max_questions ?? 0,
    MAX_UPDATES_PER_HOUR: stored.max_updates ?? 0,
    MAX_CONNECTIONS_PER_HOUR: stored.max_connections ?? 0,
    MAX_USER_CONNECTIONS: stored.max_user_connections ?? 0,
    MAX_STATEMENT_TIME: stored.max_statement_time ?? 0,
  };
}

/** -1 stands for the server's own default, 0 for never. */
export function lifetimeOf(days: number | undefined): PasswordLifetime {
  if (days === undefined || days < 0) return 'DEFAULT';
  return days === 0 ? 'NEVER' : days;
}
