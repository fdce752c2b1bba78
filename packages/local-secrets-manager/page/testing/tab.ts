import type { DevTools } from './devtools.ts';

const keys: Readonly<
  Record<string, { readonly code: string; readonly windowsVirtualKeyCode: number; readonly text?: string }>
> = {
  Tab: { code: 'Tab', windowsVirtualKeyCode: 9 },
  Enter: { code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  ' ': { code: 'Space', windowsVirtualKeyCode: 32, text: ' ' },
};

/** In CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One tab of the browser. */
export class Tab {
  /** What went wrong in the page: errors that nobody caught, and what the Content-Security-Policy stopped. */
  readonly complaints: string[] = [];
  /** Every address that the page has asked for. */
  readonly requests: string[] = [];
  readonly #devTools: DevTools;
  readonly #sessionId: string;

  static async attach(devTools: DevTools, sessionId: string): Promise<Tab> {
    const tab = new Tab(devTools, sessionId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tab.#send(`${domain}.enable`);
    return tab;
  }

  private constructor(devTools: DevTools, sessionId: string) {
    this.#devTools = devTools;
    this.#sessionId = sessionId;
    devTools.listen(sessionId, (method, params) => this.#hear(method, params));
  }

  async go(url: string): Promise<void> {
    await this.#send('Page.navigate', { url });
    await this.until(`location.href.startsWith(${JSON.stringify(url)}) && document.readyState === 'complete'`);
  }

  /** A narrow one is a phone: it lays out as phones do. */
  async size({ width, height }: Size): Promise<void> {
    const mobile = width < 600;
    await this.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  }

  async colors(scheme: 'light' | 'dark'): Promise<void> {
    await this.#send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = answer as {
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    };
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  /** Resolves once the expression is true, which is looked at anew with each change of the page. */
  async until(expression: string): Promise<void> {
    // Where the page goes to another address meanwhile, the question is asked there again.
    for (;;) {
      const isTrue = await this.evaluate<boolean>(`new Promise((resolve) => {
        const check = () => { if (${expression}) resolve(true); };
        new MutationObserver(check).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        addEventListener('load', check);
        check();
      })`).catch((error: Error) => {
        if (/navigat|context/i.test(error.message)) return false;
        throw error;
      });
      if (isTrue) return;
    }
  }

  /** The text that a reader sees in the first element of a selector. */
  async text(selector: string): Promise<string> {
    return this.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
  }

  async untilText(selector: string, text: string): Promise<void> {
    await this.until(
      `document.querySelector(${JSON.stringify(selector)})?.innerText.includes(${JSON.stringify(text)})`,
    );
  }

  /** Presses a key as a keyboard does, where the focus is. */
  async press(key: 'Tab' | 'Enter' | ' '): Promise<void> {
    const event = { key, ...keys[key] };
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text });
  }

  /** A click with the mouse in the middle of the first element of a selector. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.evaluate<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: 'center' });
      const { x, y, width, height } = element.getBoundingClientRect();
      // A phone's sight may be a part of what is laid out; the mouse goes by what is in sight.
      const { offsetLeft, offsetTop } = visualViewport;
      return { x: x + width / 2 - offsetLeft, y: y + height / 2 - offsetTop };
    })()`);
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.#send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }
  }

  /** A picture of what is in sight, as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }

  #hear(method: string, params: Record<string, unknown>): void {
    const { exceptionDetails, entry, request } = params as {
      exceptionDetails?: { text: string; exception?: { description?: string } };
      entry?: { level: string; text: string };
      request?: { url: string };
    };
    if (method === 'Runtime.exceptionThrown') {
      this.complaints.push(exceptionDetails?.exception?.description ?? exceptionDetails?.text ?? 'an error');
    }
    if (method === 'Log.entryAdded' && entry?.level === 'error') this.complaints.push(entry.text);
    if (method === 'Page.javascriptDialogOpening') this.complaints.push('a dialog');
    if (method === 'Network.requestWillBeSent' && request !== undefined) this.requests.push(request.url);
  }

  #send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.#devTools.send(method, params, this.#sessionId);
  }
}
