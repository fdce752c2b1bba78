import { App } from 'aws-cdk-lib';
import { auroraMysqlIsolated } from '../examples/aurora-mysql-isolated.ts';
import { documentDb } from '../examples/documentdb.ts';
import { ownHandler } from '../examples/own-handler.ts';
import { rdsPostgres } from '../examples/rds-postgres.ts';

// All the examples in one app, synthesized as `cdk synth` does it, CloudFormation's rules included. Prints what that took.
// Its argument is a built handler.
const [, , entry = ''] = process.argv;
const app = new App();
for (const make of [rdsPostgres, auroraMysqlIsolated, documentDb]) make(app);
ownHandler(app, entry);
const { stacks } = app.synth();
const resources = stacks.reduce((sum, { template }) => sum + Object.keys(template.Resources).length, 0);
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({ stacks: stacks.length, resources, ms: Math.round(performance.now()), cpuMs: Math.round((user + system) / 1000) })}\n`,
);
