/** Why a data folder cannot be used: what is wrong, where, and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: 'in-use' | 'foreign' | 'wrong-key' | 'no-key' | 'open-key' | 'damaged' | 'other-account';

  constructor(code: DataFolderError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
