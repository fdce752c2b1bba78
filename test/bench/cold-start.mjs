// Runs in a fresh process: loads a bundle, says so, then takes one step and says so. On whatever Node runs it.
const [, , file, event] = process.argv;
const { handler } = await import(file);
process.stderr.write('ready\n');
if (event !== undefined) {
  await handler(JSON.parse(event));
  process.stderr.write('done\n');
}
process.exit(0);
