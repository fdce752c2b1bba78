import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserFile } from './browser-file.ts';
import { DevTools } from './devtools.ts';
import { type Size, Tab } from './tab.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--force-color-profile=srgb',
  '--remote-debugging-port=0',
  // The page works without a network, and its tests show it.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** A headless Chromium with a profile of its own. */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #devTools: DevTools;

  /** @throws Error saying how to install one where there is none */
  static async start(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'keyturn-chromium-'));
    const child = spawn(browserFile(), [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const address = await addressOf(child);
    return new Chromium(child, profile, await DevTools.connect(address));
  }

  private constructor(child: ChildProcess, profile: string, devTools: DevTools) {
    this.#child = child;
    this.#profile = profile;
    this.#devTools = devTools;
  }

  /** A tab that shares nothing with any other. @param size in CSS pixels */
  async open(url: string, size: Size = { width: 1280, height: 900 }): Promise<Tab> {
    const { browserContextId } = await this.#devTools.send('Target.createBrowserContext');
    const { targetId } = await this.#devTools.send('Target.createTarget', { url: 'about:blank', browserContextId });
    const { sessionId } = await this.#devTools.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = await Tab.attach(this.#devTools, String(sessionId));
    await tab.size(size);
    await tab.go(url);
    return tab;
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    await this.#devTools.send('Browser.close');
    await gone;
    this.#devTools.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code} before it was ready:\n${said}`)));
  });
}
