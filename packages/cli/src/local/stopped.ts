const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves when somebody asks this process to end, or no longer reads what it writes. Who asks twice does not
 * want to wait: it ends at once.
 */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    process.stdout.on('error', () => resolve());
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (isAsked) process.exit(1);
        isAsked = true;
        resolve();
      });
    }
  });
}
