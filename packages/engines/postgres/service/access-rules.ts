/** Members of these roles log in in ways that others may not. */
export const loginGroups = {
  /** Without TLS. */
  plaintext: 'keyturn_plaintext',
  /** Without TLS, and the server asks for the password in clear text. */
  plaintextCleartext: 'keyturn_plaintext_cleartext',
  /** The server asks for the password in clear text, within TLS. */
  cleartext: 'keyturn_cleartext',
  /** The server takes MD5 hashes. */
  md5: 'keyturn_md5',
  /** The server asks for no password. */
  trusted: 'keyturn_trusted',
  /** The access rules turn them away. */
  rejected: 'keyturn_rejected',
} as const;

/** The text of pg_hba.conf. Without TLS everybody may log in in plaintext. */
export function accessRules(tls: boolean): string {
  const from = '127.0.0.1/32';
  return [
    `host all +${loginGroups.rejected} ${from} reject`,
    `host all +${loginGroups.trusted} ${from} trust`,
    `hostnossl all +${loginGroups.plaintextCleartext} ${from} password`,
    `hostnossl all ${tls ? `+${loginGroups.plaintext}` : 'all'} ${from} scram-sha-256`,
    `hostssl all +${loginGroups.cleartext} ${from} password`,
    `hostssl all +${loginGroups.md5} ${from} md5`,
    `hostssl all all ${from} scram-sha-256`,
    '',
  ].join('\n');
}
