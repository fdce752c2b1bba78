import type { Project } from './project.ts';

/** The files that say how the project is built and tested, by their paths. */
export function configFiles({ name, engine, versionRange }: Project): [path: string, text: string][] {
  const dependencies = {
    '@keyturn/core': versionRange,
    ...(engine === undefined ? {} : { [engine.packageName]: engine.versionRange }),
  };
  const manifest = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.18' },
    scripts: {
      test: 'node --test',
      typecheck: 'tsc --noEmit',
      build: 'node build.mjs',
      deploy: 'npm run build && sam deploy --guided',
    },
    dependencies,
    devDependencies: {
      '@aws-sdk/client-secrets-manager': '^3.1164.0',
      '@keyturn/local-secrets-manager': versionRange,
      '@types/aws-lambda': '^8.10.164',
      '@types/node': '^22.19.0',
      esbuild: '^0.28.0',
      typescript: '^5.9.0 || ^7.0.0',
    },
  };
  const compilerOptions = {
    target: 'ES2024',
    lib: ['ES2024'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  };
  return [
    ['package.json', json(manifest)],
    ['tsconfig.json', json({ compilerOptions, include: ['*.ts'] })],
    ['.gitignore', 'node_modules/\ndist/\n.aws-sam/\nsamconfig.toml\n'],
  ];
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
