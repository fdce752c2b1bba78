import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { templatesFolder } from '../templates.ts';
import type { PackedFunction } from './pack-function.ts';
import { codeUri } from './sam-template.ts';

/** Where packaged templates point, and where they are written. */
export interface PackagePlace {
  readonly bucket: string;
  /** Before the names of the objects; a slash is put after it where it has none. May be empty. */
  readonly prefix: string;
  /** The folder that they are written into. */
  readonly out: string;
}

/** A file that has to be in the bucket before a template is deployed. */
export interface Upload {
  readonly from: string;
  /** `s3://bucket/key` */
  readonly to: string;
}

/**
 * Writes a template that points at objects of a bucket instead of files. Their names are the hashes of what they
 * hold, so that a deploy changes the function exactly when the code has changed.
 */
export async function packageTemplate(
  { template, zip }: PackedFunction,
  { bucket, prefix, out }: PackagePlace,
): Promise<{ readonly file: string; readonly uploads: readonly Upload[] }> {
  const folder = join(templatesFolder, template);
  const base = `s3://${bucket}/${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}`;
  const uploads: Upload[] = [];
  let text = await readFile(join(folder, 'template.yaml'), 'utf8');
  // The licence and the README are for the Serverless Application Repository, which asks for them in a bucket too.
  const files: [key: string, path: string, from: string, ending: string][] = [
    ['CodeUri', codeUri, zip, '.zip'],
    ['LicenseUrl', '../../LICENSE', resolve(folder, '../../LICENSE'), '.txt'],
    ['ReadmeUrl', 'README.md', join(folder, 'README.md'), '.md'],
  ];
  for (const [key, path, from, ending] of files) {
    const to = `${base}${createHash('sha256')
      .update(await readFile(from))
      .digest('hex')}${ending}`;
    const line = `${key}: ${path}\n`;
    if (text.split(line).length !== 2) throw new Error(`${template}/template.yaml has not one line ${line}`);
    text = text.replace(line, () => `${key}: ${to}\n`);
    uploads.push({ from, to });
  }
  await mkdir(resolve(out), { recursive: true });
  const file = join(resolve(out), `${template}.yaml`);
  await writeFile(file, text);
  return { file, uploads };
}

/** The line of a shell that uploads a file. */
export function uploadLine({ from, to }: Upload, region: string | undefined): string {
  return `aws s3 cp ${shell(from)} ${shell(to)}${region === undefined ? '' : ` --region ${region}`}`;
}

function shell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
