/** A parameter of a template. Without `default` it has to be given. */
export interface Parameter {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  /** @default 'String' */
  readonly type?: 'String' | 'Number' | 'CommaDelimitedList';
  readonly default?: string | number;
  readonly allowed?: readonly (string | number)[];
  /** A regular expression for the whole value. */
  readonly pattern?: string;
  readonly least?: number;
  readonly most?: number;
  /** The function's environment variable that it becomes, where it is given. */
  readonly variable?: string;
}

/** The pattern of a parameter that is an ARN or empty. */
export const oneArn: string = '(arn:[^,\\s]+)?';
