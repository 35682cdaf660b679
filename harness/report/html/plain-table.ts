import { duration } from '../duration.ts';
import { findingText, place } from '../finding-text.ts';
import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { rowOf } from './rows.ts';
import { worstFirst } from './worst-first.ts';

/** The report for readers without script: its causes and a table of all cases, as HTML. */
export function plainTable(report: RunReport): string {
  const causes = report.causes.map(
    ({ kind, message, lines, cases, smallest }) =>
      `<li><strong>${html(`${kind}: ${message}`)}</strong><br>${cases} ${cases === 1 ? 'case' : 'cases'}${lines
        .map((one) => `<br><code>${html(place(one))}</code>`)
        .join('')}${smallest.rerun === undefined ? '' : `<br><code>${html(smallest.rerun)}</code>`}</li>`,
  );
  const rows = worstFirst(report.results).map((result) => {
    const { id, verdict, took, drain, note = '' } = rowOf(result);
    const findings = result.findings.map((finding) => findingText(finding).message);
    const text = findings.length === 0 ? note : findings.join(' · ');
    return `<tr><td>${verdict}</td><td>${html(id)}</td><td>${drain === undefined ? '–' : duration(drain)}</td><td>${duration(took)}</td><td>${html(text)}</td></tr>`;
  });
  return [
    '<noscript><main class="plain">',
    `<h1>${html(report.summary)}</h1>`,
    `<p>lastfin ${html(report.lastfin)}, ${html(report.started)}</p>`,
    causes.length === 0 ? '' : `<h2>Causes</h2><ol>${causes.join('')}</ol>`,
    '<h2>Cases</h2><table><thead><tr><th>verdict</th><th>case</th><th>drain</th><th>took</th><th>findings</th></tr></thead><tbody>',
    ...rows,
    '</tbody></table></main></noscript>',
  ].join('\n');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, on one line. */
function html(text: string): string {
  return plainLine(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
