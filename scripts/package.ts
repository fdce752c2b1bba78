import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { packFunction } from './pack/pack-function.ts';
import { packageTemplate, type Upload, uploadLine } from './pack/packaged-template.ts';
import { templateNames } from './templates.ts';

const usage = `Builds templates' functions, and writes templates that point at their zips in a bucket of yours.
Nothing is uploaded: the lines that do so are printed.

  npm run package -- --bucket B                    every template
  npm run package -- --bucket B TEMPLATE ...       these templates only

  --prefix P    before the names of the objects, such as rotation/
  --region R    of the bucket, for the upload lines; a function and its bucket are in one Region
  --out DIR     where the templates are written  (default dist/templates)
  --json        what was written and what to upload, as JSON

Exit codes: 0 done; 2 called in a wrong way.
`;

const wrong = (message: string): void => {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exitCode = 2;
};

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      bucket: { type: 'string' },
      prefix: { type: 'string', default: '' },
      region: { type: 'string' },
      out: { type: 'string', default: 'dist/templates' },
      json: { type: 'boolean' },
    },
  });
  const { bucket, prefix, region, out } = values;
  const templates = await templateNames();
  const unknown = positionals.filter((name) => !templates.includes(name));
  if (values.help) process.stdout.write(usage);
  else if (bucket === undefined) wrong('--bucket is missing.');
  // Source: "General purpose bucket naming rules", S3 user guide.
  else if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    wrong(`${JSON.stringify(bucket)} is no name of a bucket.`);
  else if (!/^[\w!.*'()/-]*$/.test(prefix)) wrong("--prefix takes letters, digits and /!-_.*'().");
  else if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) wrong(`${JSON.stringify(region)} is no Region.`);
  else if (unknown.length > 0)
    wrong(`No such template: ${unknown.join(', ')}. There are:\n  ${templates.join('\n  ')}`);
  else
    await run({ bucket, prefix, region, out }, positionals.length > 0 ? positionals : templates, values.json === true);
} catch (error) {
  if (!(error instanceof TypeError) || !('code' in error)) throw error;
  wrong(error.message);
}

async function run(
  place: { bucket: string; prefix: string; region: string | undefined; out: string },
  names: readonly string[],
  json: boolean,
): Promise<void> {
  const written: { template: string; file: string; sha256: string }[] = [];
  const uploads = new Map<string, Upload>();
  for (const template of names) {
    const packed = await packFunction(template);
    const { file, uploads: needed } = await packageTemplate(packed, place);
    written.push({ template, file, sha256: packed.sha256 });
    for (const upload of needed) uploads.set(upload.to, upload);
    if (!json) process.stderr.write(`${relative(process.cwd(), file)}\n`);
  }
  const all = [...uploads.values()];
  if (json) process.stdout.write(`${JSON.stringify({ templates: written, uploads: all }, undefined, 2)}\n`);
  else process.stdout.write(all.map((upload) => `${uploadLine(upload, place.region)}\n`).join(''));
}
