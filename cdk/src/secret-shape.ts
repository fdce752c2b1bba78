import { Stack, Token } from 'aws-cdk-lib';
import { CfnSecret, type ISecret, SecretTargetAttachment } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** What an app says of the value that a secret begins with. A value that is only known at deploy stands as a token. */
export type SecretShape = Readonly<Record<string, unknown>>;

/** The keys of a secret, or undefined where the app does not say: it is imported, or its value comes from elsewhere. */
export function shapeOf(secret: ISecret): SecretShape | undefined {
  const resource = resourceOf(secret);
  if (resource === undefined) return undefined;
  const { generateSecretString: generated, secretString } = resource;
  if (typeof secretString === 'string') return parsed(secretString, resource);
  if (generated === undefined || Token.isUnresolved(generated)) return undefined;
  const { secretStringTemplate, generateStringKey } = generated as CfnSecret.GenerateSecretStringProperty;
  if (secretStringTemplate === undefined || generateStringKey === undefined) return undefined;
  const shape = parsed(secretStringTemplate, resource);
  return shape === undefined ? undefined : { ...shape, [generateStringKey]: 'generated at deploy' };
}

/** The attachment of a secret that brings its host, port and engine, if it has one. */
export function attachmentOf(secret: ISecret): SecretTargetAttachment | undefined {
  if (secret instanceof SecretTargetAttachment) return secret;
  const child = secret.node.tryFindChild('Attachment');
  return child instanceof SecretTargetAttachment ? child : undefined;
}

/** Whether two constructs are one secret: it is the same before it is attached and after. */
export function isSameSecret(a: ISecret, b: ISecret): boolean {
  if (a.secretArn === b.secretArn) return true;
  const resource = resourceOf(a);
  return resource !== undefined && resource === resourceOf(b);
}

function resourceOf(secret: ISecret): CfnSecret | undefined {
  // An attachment is made in the secret that it attaches, and tells no one which.
  const own = secret instanceof SecretTargetAttachment ? secret.node.scope : secret;
  const child = Construct.isConstruct(own) ? own.node.defaultChild : undefined;
  return child instanceof CfnSecret ? child : undefined;
}

function parsed(text: string, resource: CfnSecret): SecretShape | undefined {
  return objectIn(text) ?? objectIn(withoutTokens(Stack.of(resource).resolve(text)));
}

/** A resolved text, with a word in place of each value that is only known at deploy. */
function withoutTokens(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [separator, parts] = (resolved as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'] ?? ['', []];
  return parts.map((part) => (typeof part === 'string' ? part : 'known at deploy')).join(separator);
}

function objectIn(text: string): SecretShape | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SecretShape) : undefined;
  } catch {
    // No JSON: its value is somebody else's, and is checked when it rotates.
    return undefined;
  }
}
