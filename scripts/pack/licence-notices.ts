import type { BundledPackage } from './bundled-packages.ts';

/**
 * The notices that have to go with a bundle: every package of others with its licence, and each text once.
 * @param ownLicence the text of Keyturn's own licence
 */
export function licenceNotices(packages: readonly BundledPackage[], ownLicence: string): string {
  const byText = new Map<string, string[]>();
  const without: string[] = [];
  for (const { name, version, license, notices, own } of packages) {
    const title = `${name} ${version} (${license})`;
    if (own) continue;
    if (notices.size === 0) without.push(title);
    for (const text of notices.values()) {
      const clean = text.replaceAll('\r\n', '\n').trim();
      byText.set(clean, [...(byText.get(clean) ?? []), title]);
    }
  }
  const sections = [
    `Keyturn (Apache-2.0)\n\n${ownLicence.trim()}`,
    ...[...byText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}`),
    ...(without.length === 0 ? [] : [`${without.join('\n')}\n\nThese packages ship no text of their licence.`]),
  ];
  return `${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
