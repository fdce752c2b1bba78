// Stands in, in bundles, for what tedious has and this engine never uses: logins by Azure's identities and by NTLM,
// the lookup of named instances, and date columns. Whoever calls one of these learns of it at once.

function refuse(): never {
  throw new Error('this part of tedious is left out of the bundle');
}

/** Azure's credentials, `@azure/identity` and `@azure/core-auth`. */
class Refusing {
  constructor() {
    refuse();
  }
}

/** Only asked about credentials that are objects of Azure's: there are none. */
const isTokenCredential: typeof refuse = refuse;
const createNTLMRequest: typeof refuse = refuse;
const instanceLookup: typeof refuse = refuse;

/** Dates of `@js-joda/core`: two constants are made when the driver is loaded, and nothing is ever counted from them. */
const LocalDate: { ofYearDay(): { until: typeof refuse }; of: typeof refuse } = {
  ofYearDay: () => ({ until: refuse }),
  of: refuse,
};
const ChronoUnit: object = {};

export {
  ChronoUnit,
  createNTLMRequest,
  instanceLookup,
  isTokenCredential,
  LocalDate,
  Refusing as ClientSecretCredential,
  Refusing as DefaultAzureCredential,
  Refusing as default,
  Refusing as ManagedIdentityCredential,
  Refusing as UsernamePasswordCredential,
};
