/// <reference lib="dom" />
import { element } from './elements.ts';
import type { Model } from './model.ts';

/** What stands where no secret is selected. */
export function welcome({ isLive, selected, total, region }: Model): HTMLElement {
  if (!isLive) return element('section', { class: 'welcome' }, element('h1', {}, 'Connecting …'));
  if (selected !== '') {
    return element(
      'section',
      { class: 'welcome' },
      element('h1', {}, 'This secret is not here'),
      element('p', {}, 'It was deleted for good, or it was never created: ', element('code', {}, selected)),
    );
  }
  if (total > 0) {
    return element(
      'section',
      { class: 'welcome' },
      element('h1', {}, 'Choose a secret'),
      element('p', {}, 'You see its versions and labels, and its rotations as they happen.'),
    );
  }
  const command = [
    'export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
    `aws --endpoint-url ${location.origin} --region ${region} secretsmanager create-secret \\`,
    `  --name demo/app --secret-string '{"username":"app","password":"first"}'`,
  ].join('\n');
  return element(
    'section',
    { class: 'welcome' },
    element('h1', {}, 'No secret yet'),
    element('p', {}, 'Create one, and it appears here at once:'),
    element('pre', { tabindex: '0' }, command),
  );
}
