import type { Template } from './template-facts.ts';

const words = /(Secrets|Manager|RDS|IAM|Rotation|Template|Single|Multi|User|Credential|Access|Key)/g;

/** The text of a template's package.json: what its handler imports. @param version of this project */
export function packageFile({ name, service, asksRds = false }: Template, version: string): string {
  const kebab = name.replace(words, '-$1-').toLowerCase().split('-').filter(Boolean);
  const packages = new Set(['@keyturn/core', service.package, ...(asksRds ? ['@keyturn/rds'] : [])]);
  const manifest = {
    name: `@keyturn/template-${kebab.join('-').replace('secrets-manager-', '')}`,
    version,
    private: true,
    license: 'Apache-2.0',
    type: 'module',
    dependencies: Object.fromEntries([...packages].map((each) => [each, `^${version}`])),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
