import type { Part, Value } from './cloudformation.ts';
import { functionStatements } from './role-policy.ts';
import type { Template } from './template-facts.ts';

const names: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'REGION',
  'AWS::AccountId': 'ACCOUNT',
  'AWS::URLSuffix': 'amazonaws.com',
  kmsKeyArn: 'ARN_OF_THE_KEY',
  masterSecretKmsKeyArn: 'ARN_OF_THE_KEY_OF_THE_MASTER_SECRET',
  masterSecretArn: 'ARN_OF_THE_MASTER_SECRET',
  iamUserArns: 'ARN_OF_THE_USER',
};

/** The rights of the function as a policy that somebody can copy, with every optional statement in it but the VPC's. */
export function rolePolicyOnPaper(template: Template): Part {
  const statements = functionStatements(template).map(onPaper) as Part[];
  return { Version: '2012-10-17', Statement: statements.filter(({ Sid }) => Sid !== 'KeepTheCodeFromTheVpc') };
}

function onPaper(value: Value): Value {
  if (Array.isArray(value)) {
    const [first, ...others] = value.map(onPaper).filter((each) => each !== '');
    return first !== undefined && others.length === 0 && typeof first === 'string'
      ? first
      : value.map(onPaper).filter((each) => each !== '');
  }
  if (typeof value !== 'object') return value;
  const part = value as Part;
  if (part.Ref === 'AWS::NoValue') return '';
  if ('Ref' in part) return names[String(part.Ref)] ?? String(part.Ref);
  if ('Fn::GetAtt' in part) return 'ARN_OF_THE_FUNCTION';
  if ('Fn::Sub' in part)
    return String(part['Fn::Sub']).replace(/\$\{([^}]+)\}/g, (_, name: string) => names[name] ?? name);
  if ('Fn::If' in part) {
    const [condition, then, otherwise] = part['Fn::If'] as readonly Value[];
    // AWS's newer parameter names, and a narrowing that the README tells of, are left out.
    const unusual = String(condition).startsWith('HasSuperuser') || condition === 'HasSecretArns';
    return onPaper((unusual ? otherwise : then) ?? '');
  }
  return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, onPaper(each)]));
}
