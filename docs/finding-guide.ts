/** Section of docs/findings.md about one kind of finding. */
export type Section = { rule: string; about: string; cause: string; fix: string };

/** Reads the sections of docs/findings.md: one for each kind of finding, in the order of the page. */
export function sectionsOf(page: string): Section[] {
  const leaksEnd = page.indexOf('\n## Other findings');
  const found = page.matchAll(/^### (`.+`)\n\n```text\n.+\n```\n\n([^#]+)/gm);
  return [...found].map((match) => {
    const [, heading = '', text = ''] = match;
    const names = [...heading.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const [about = ''] = text.split('\n- ');
    const item = (name: string): string =>
      new RegExp(`^- \\*\\*${name}:\\*\\* ([^]*?)(?=\\n- |\\n\\n|$)`, 'm').exec(text)?.[1] ?? '';
    return {
      rule: [...(match.index < leaksEnd ? ['leak'] : []), ...names].join('/'),
      about: plain(about),
      cause: plain(item('Cause')),
      fix: plain(item('Fix')),
    };
  });
}

/** Text of the source that holds the guide for programs. */
export function findingGuideSource(page: string): string {
  const entries = sectionsOf(page).map(
    ({ rule, ...texts }) => `  ${JSON.stringify(rule)}: ${JSON.stringify(texts)},\n`,
  );
  return `/** Meaning, usual cause and fix of each kind of finding. Generated from docs/findings.md by docs/generate.ts: do not edit. */
export const FINDING_GUIDE: Readonly<Record<string, { about: string; cause: string; fix: string }>> = {
${entries.join('')}};
`;
}

/** Text of Markdown on one line, without links. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
