import type { Plugin } from 'esbuild';

/** A plugin that replaces, in modules, what a function's packages say in `keyturn.replace` of their package.json. */
export declare function replacedParts(folder: string): Promise<Plugin>;
