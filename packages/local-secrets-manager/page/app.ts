/// <reference lib="dom" />
import { progressOf } from './announcer.ts';
import { setAttribute, setText } from './elements.ts';
import { Model } from './model.ts';
import { SecretList } from './secret-list.ts';
import { SecretPanel } from './secret-panel.ts';
import { Stream } from './stream.ts';
import { welcome } from './welcome.ts';

const FIND_DELAY_MS = 150;

const nav = byId('secrets');
const main = byId('main');
const link = byId('link');
const progress = byId('progress');

const model = new Model(render);
const stream = new Stream(model);
const list = new SecretList(nav, find);
let panel: SecretPanel | undefined;
let findTimer: ReturnType<typeof setTimeout> | undefined;

addEventListener('hashchange', select);
select();
stream.open();

function render(): void {
  setText(link, model.isLive ? `${location.host} · ${model.region}` : 'not connected');
  setAttribute(link, 'data-live', model.isLive ? 'yes' : 'no');
  list.update(model);
  showSecret();
  const said = progressOf(model);
  if (said !== '') setText(progress, said);
}

function showSecret(): void {
  const { secret } = model;
  if (secret === undefined) {
    panel = undefined;
    main.replaceChildren(welcome(model));
    return;
  }
  // A new panel for another secret: nothing that was open or shown goes along.
  if (panel?.arn !== secret.arn) {
    panel = new SecretPanel(secret.arn);
    main.replaceChildren(panel.element);
  }
  panel.update(secret, model);
}

function select(): void {
  let selected = '';
  try {
    selected = decodeURIComponent(location.hash.slice(1));
  } catch {
    // Nobody's link: as if nothing were selected.
  }
  model.set('selected', selected);
  // One that the list does not hold, behind a link from elsewhere.
  if (selected !== '' && model.isLive && model.secret === undefined) stream.open();
}

function find(text: string): void {
  model.set('find', text);
  if (model.listed.length === model.total) return;
  clearTimeout(findTimer);
  findTimer = setTimeout(() => stream.open(), FIND_DELAY_MS);
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element "${id}".`);
  return found;
}
