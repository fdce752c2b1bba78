import { malformedPolicy } from '../wire/service-error.ts';

/** Whom a statement is about: everyone, or lists by kind of principal. */
export type Principals = '*' | Readonly<Record<string, string | readonly string[]>>;

// Whether a user or role exists is not known here; its ARN must be one that could.
const ACCOUNT = /^(?:\d{12}|arn:aws[a-z-]*:iam::\d{12}:(?:root|(?:user|role)\/.+))$/;
const SESSION = /^arn:aws[a-z-]*:sts::\d{12}:(?:assumed-role|federated-user)\/.+$/;
const UNIQUE_ID = /^A(?:IDA|ROA)[A-Z0-9]{12,124}$/;
const SERVICE = /^[a-z0-9][a-z0-9.-]*\.amazonaws\.com(?:\.cn)?$/;
const FEDERATED = /^(?:arn:aws[a-z-]*:iam::\d{12}:(?:saml|oidc)-provider\/.+|[a-z0-9.-]+\.[a-z]+)$/;

/** @throws ServiceError MalformedPolicyDocumentException for a principal that no policy may name */
export function checkPrincipals(principals: Principals): void {
  if (principals === '*') return;
  const kinds = Object.entries(principals);
  if (kinds.length === 0) throw unsupported();
  for (const [kind, named] of kinds) {
    for (const each of listed(named)) {
      if (kind === 'Service' && !SERVICE.test(each)) {
        throw malformedPolicy('This resource policy contains an unsupported service principal.');
      }
      if (!isKnown(kind, each)) throw unsupported();
    }
  }
}

/** Whether everyone is among them. */
export function includesEveryone(principals: Principals | undefined): boolean {
  if (principals === undefined) return false;
  return principals === '*' || listed(principals.AWS ?? []).includes('*');
}

function isKnown(kind: string, each: string): boolean {
  switch (kind) {
    case 'AWS':
      return each === '*' || [ACCOUNT, SESSION, UNIQUE_ID].some((pattern) => pattern.test(each));
    case 'Service':
      return true;
    case 'Federated':
      return FEDERATED.test(each);
    case 'CanonicalUser':
      return /^[0-9a-f]{64}$/.test(each);
    default:
      return false;
  }
}

function listed(named: string | readonly string[]): readonly string[] {
  return typeof named === 'string' ? [named] : named;
}

function unsupported(): Error {
  return malformedPolicy('This resource policy contains an unsupported principal.');
}
