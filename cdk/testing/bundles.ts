import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packFunction } from '../../scripts/pack/pack-function.ts';
import { templatesFolder } from '../../scripts/templates.ts';
import type { RotationTemplate } from '../src/index.ts';

/** Builds the bundles of templates that are not there: what is in them does not matter to who asks for this. */
export async function build(...templates: readonly RotationTemplate[]): Promise<void> {
  for (const { name } of templates) {
    if (!existsSync(join(templatesFolder, name, 'dist', 'function.zip'))) await packFunction(name);
  }
}
