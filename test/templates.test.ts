import { describeTemplates } from './describe-templates.ts';

// Each database template is killed at a part of its calls, all of one strategy together at every one; each at every one in the deep search.
await describeTemplates('dealt');
