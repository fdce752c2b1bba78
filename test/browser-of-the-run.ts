import { installBrowser } from '../packages/local-secrets-manager/page/testing/browser-file.ts';

/** Before the whole test run: the one thing that the tests need of the system itself. */
export default function browserOfTheRun(): void {
  installBrowser();
}
