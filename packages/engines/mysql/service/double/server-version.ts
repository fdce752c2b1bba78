/** Which MySQL the double is: what it knows and what it refuses depends on it. */
export class DoubleVersion {
  /** As VERSION() says it. */
  readonly text: string;
  readonly #number: number;

  constructor(text: string) {
    this.text = text;
    this.#number = numberOf(text);
  }

  /** Whether it is this version or a later one: `8.0.14`. */
  isAtLeast(version: string): boolean {
    return this.#number >= numberOf(version);
  }

  /** Roles, dynamic privileges, password history, User_attributes. */
  get hasRoles(): boolean {
    return this.isAtLeast('8.0.0');
  }

  /** The plugins that are loaded, the default one first. */
  get plugins(): readonly string[] {
    const always = ['sha256_password', 'auth_socket', 'mysql_no_login', 'AWSAuthenticationPlugin'];
    if (!this.hasRoles) return ['mysql_native_password', ...always];
    // 8.4 has the native one switched off, and 9 has it no more.
    const native = this.isAtLeast('8.4.0') ? [] : ['mysql_native_password'];
    return ['caching_sha2_password', ...native, ...always];
  }
}

function numberOf(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major * 10_000 + minor * 100 + patch;
}
