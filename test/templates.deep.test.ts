import { describeTemplates } from './describe-templates.ts';

describeTemplates('all');
