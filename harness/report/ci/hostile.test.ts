import { expect, test } from 'vitest';

import type { Finding } from '../../judge/verdict.ts';
import { toJson } from '../files/json.ts';
import { toJUnit } from '../files/junit.ts';
import type { TextOutput } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';
import { DotReporter } from '../terminal/dot.ts';
import { TerminalReporter } from '../terminal/terminal.ts';
import { aFailure, aResult, aRun } from '../testing/sample-run.ts';
import { agentText } from './agent-text.ts';
import { annotations } from './annotations.ts';
import { toCodeQuality } from './code-quality.ts';
import { toCtrf } from './ctrf.ts';
import { toMarkdown } from './markdown.ts';
import { toSarif } from './sarif.ts';
import { toTap } from './tap.ts';

/** Commands that a runner of GitHub obeys, as ActionCommand.cs of actions/runner reads them. */
const COMMAND = /^\s*::[a-z-]+(?: [^\n]*)?::|##\[/im;

const NASTY = [
  '::error::x',
  'a\n::add-mask::b',
  '\r\n  ::stop-commands::x',
  '\u001B[2J##[error]x',
  '\u2028::warning::y',
];

const roots = { cwd: '/repo', root: '/repo' };

/** A run in which a target has written a text into all that it can. */
function aRunOf(text: string): RunReport {
  const findings = aFailure().findings.map((finding, index): Finding => {
    const { follows: _, ...cause } = finding;
    const texts = { sample: text, path: text, stderr: text, detail: text, why: text };
    return { ...cause, ...texts, message: text, fingerprint: `${index} ${text}` };
  });
  const parts = { target: text, about: text, blind: [text], opaque: text };
  return aRun([
    { ...aFailure(), ...parts, id: `${text} a`, findings },
    aResult({
      ...parts,
      id: `${text} b`,
      verdict: 'flaky',
      findings: findings.slice(0, 1),
      attempts: 2,
      outcomes: [{ verdict: 'failed', took: 1, message: text }],
    }),
    aResult({ ...parts, id: `${text} c`, verdict: 'error', reason: text }),
    aResult({ ...parts, id: `${text} d`, verdict: 'skipped', reason: text, want: { what: text, fix: text } }),
  ]);
}

function onTerminal(report: RunReport): string {
  let text = '';
  const stream: TextOutput = { write: (written) => void (text += written) };
  const terminal = new TerminalReporter({
    stream,
    rerun: ({ id }) => id,
    journal: ({ id }) => id,
    detail: 'verbose',
    color: false,
  });
  for (const result of report.results) terminal.onCaseEnd(result);
  terminal.onRunEnd(report);
  new DotReporter({ stream, color: false }).onRunEnd(report);
  return text;
}

const FORMATS: Record<string, (report: RunReport) => string> = {
  terminal: onTerminal,
  agent: (report) => agentText(report, '/runs/1'),
  json: toJson,
  junit: (report) => toJUnit(report, { hostname: 'x', folder: '/runs/1' }),
  sarif: (report) => toSarif(report, roots),
  gitlab: (report) => toCodeQuality(report, roots),
  ctrf: toCtrf,
  markdown: (report) => toMarkdown(report),
  tap: toTap,
};

test.each(Object.entries(FORMATS))(
  '%s: a target writes no command of a runner, and no control characters',
  (_, format) => {
    for (const text of NASTY) {
      const written = format(aRunOf(text));
      expect(written).not.toMatch(COMMAND);
      // eslint-disable-next-line no-control-regex
      expect(written).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u202E]/);
    }
  },
);

test('annotations are commands of lastfin only, one a line', () => {
  for (const text of NASTY) {
    for (const line of annotations(aRunOf(text), roots)) {
      expect(line).toMatch(/^::(?:error|warning) (?:(?:file|line|col|title)=[^,:\n]*,?)+::[^\n\r]*$/);
      expect(line.slice(2)).not.toMatch(/%0A\s*::[a-z]/i);
    }
  }
});

test('the check itself sees commands', () => {
  for (const text of NASTY.slice(0, 4)) expect(text).toMatch(COMMAND);
});
