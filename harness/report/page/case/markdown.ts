import type { Entry } from '../../../journal/entry.ts';
import type { CaseData, Frame, RunData } from '../../html/run-data.ts';
import { place } from '../parts/format.ts';
import { guideOf } from '../../guide/finding-rule.ts';
import { linesOf } from '../../causes.ts';
import { logOf } from '../reading/log.ts';

const MOST_LOG = 20;

/** A case as Markdown, for an issue or an agent: findings with their code and fix, the command, the last lines of the log. */
export function inMarkdown(
  { result, texts }: CaseData,
  { frames, run }: RunData,
  journal: readonly Entry[] | undefined,
): string {
  const parts = [`## ${result.verdict}: ${code(result.id)}`, result.about];
  if (result.reason !== undefined) parts.push(fenced(result.reason));
  for (const [index, finding] of result.findings.entries()) {
    const text = texts[index];
    const [first] = linesOf(finding);
    parts.push(`### ${text?.kind ?? finding.kind}: ${line(text?.message ?? finding.message)}`);
    if (first !== undefined) {
      const frame = frames[place(first)];
      parts.push(`At ${code(place(first))}${first.name === undefined ? '' : ` in ${code(first.name)}`}:`);
      if (frame !== undefined) parts.push(fenced(framed(frame), 'js'));
    }
    const facts = (text?.facts ?? []).flatMap(({ label, lines }) =>
      lines.map((one, at) => (at === 0 ? `${label}: ${one}` : `  ${one}`)),
    );
    if (facts.length > 0) parts.push(fenced(facts.join('\n')));
    const known = finding.follows === undefined ? guideOf(finding) : undefined;
    if (known !== undefined) parts.push(`Usual cause: ${known.cause}\n\nHow to fix: ${known.fix}`);
  }
  if (result.rerun !== undefined) parts.push('Run it again:', fenced(result.rerun, 'sh'));
  const log = logOf(journal ?? [])
    .slice(-MOST_LOG)
    .map(({ t, stream, text }) => `${t} ms ${stream}: ${text}`);
  if (log.length > 0) parts.push(`Last lines of the target:`, fenced(log.join('\n')));
  parts.push(
    `lastfin ${run.lastfin}, Node.js ${run.node}, ${run.platform}, target ${code(result.target)}, seed ${result.seed}`,
  );
  return `${parts.join('\n\n')}\n`;
}

function framed({ first, lines, line: at, column }: Frame): string {
  const width = String(first + lines.length).length;
  return lines
    .flatMap((text, index) => {
      const number = first + index;
      const shown = `${number === at ? '>' : ' '} ${String(number).padStart(width)} | ${text}`;
      return number === at ? [shown, `  ${''.padStart(width)} | ${''.padStart(column - 1)}^`] : [shown];
    })
    .join('\n');
}

/** A block of code whose fence is longer than any in the text. */
function fenced(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${line(text)} \`\`` : `\`${line(text)}\``;
}

/** Text on one line, in which nothing is markup. */
function line(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[<>]/g, (character) => (character === '<' ? '&lt;' : '&gt;'));
}
