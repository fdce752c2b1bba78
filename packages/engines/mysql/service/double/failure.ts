/** What the server answers to a statement or a login that it refuses. */
export class ServerFailure extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(errno: number, text: string) {
    super(text);
    this.errno = errno;
    this.sqlState = sqlStates[errno] ?? 'HY000';
  }
}

/** Refuses with one of the server's numbers. */
export function refuse(errno: number, text: string): never {
  throw new ServerFailure(errno, text);
}

/** Refuses a statement that the server would not understand; the text is what it did not understand. */
export function refuseToParse(near: string): never {
  return refuse(1064, `You have an error in your SQL syntax near '${near.slice(0, 80)}' at line 1`);
}

/** Refuses for the lack of a global privilege. */
export function refuseWithout(privileges: string): never {
  return refuse(1227, `Access denied; you need (at least one of) the ${privileges} privilege(s) for this operation`);
}

const sqlStates: Readonly<Record<number, string>> = {
  1040: '08004',
  1043: '08S01',
  1044: '42000',
  1045: '28000',
  1047: '08S01',
  1049: '42000',
  1054: '42S22',
  1064: '42000',
  1141: '42000',
  1142: '42000',
  1146: '42S02',
  1147: '42000',
  1227: '42000',
  1305: '42000',
  1370: '42000',
  1403: '42000',
  1410: '42000',
};
