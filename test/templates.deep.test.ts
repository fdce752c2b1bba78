import { describeTemplates } from './describe-templates.ts';

await describeTemplates('all');
