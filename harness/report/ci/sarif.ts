import { findingText } from '../finding-text.ts';
import { FINDING_GUIDE } from '../guide/finding-guide.ts';
import { safeJson } from '../files/json.ts';
import { plainLine, plainText } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { identityOf } from '../identity-of.ts';
import {
  adviceOf,
  type PlacedCause,
  placedCauses,
  placeElsewhere,
  type RepositoryPlace,
} from './placed-causes.ts';
import type { Roots } from './repository-path.ts';

/** Results that GitHub takes of one run. */
const MOST_RESULTS = 25_000;
/** Characters that GitHub takes of a description of a rule, and of its help. */
const LONGEST = 1024;
const HOME = 'https://www.npmjs.com/package/lastfin';

/**
 * The causes of a run as SARIF 2.1.0, for code scanning: one result a cause, at the line that made the leaked thing. The fingerprint of the cause is
 * `primaryLocationLineHash`, so that an alert stays the same over commits.
 *
 * @example
 * writeFileSync('lastfin.sarif', toSarif(report, { cwd: '/repo', root: '/repo' }));
 */
export function toSarif(report: RunReport, roots: Roots): string {
  const targets = [...new Set(report.results.map(({ target }) => plainLine(target)))];
  const ids = Object.keys(FINDING_GUIDE);
  const run = {
    tool: {
      driver: {
        name: 'lastfin',
        semanticVersion: report.lastfin,
        informationUri: HOME,
        rules: ids.map(ruleOf),
      },
    },
    automationDetails: { id: `lastfin/${targets.length === 1 ? targets[0] : 'targets'}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: report.broken === undefined && report.counts.error === 0,
        startTimeUtc: report.started,
        endTimeUtc: new Date(Date.parse(report.started) + report.took).toISOString(),
        toolExecutionNotifications: labErrors(report),
      },
    ],
    results: placedCauses(report, roots)
      .slice(0, MOST_RESULTS)
      .map((placed) => resultOf(placed, ids.indexOf(placed.rule))),
  };
  return `${safeJson(
    { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] },
    2,
  )}\n`;
}

function ruleOf(id: string): unknown {
  const { about = '', cause = '', fix = '' } = FINDING_GUIDE[id] ?? {};
  const help = `${about}\n\nCause: ${cause}\n\nFix: ${fix}`;
  return {
    id,
    name: id.replaceAll(/(?:^|[/-])([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: cut(`${id.replace('/', ': ')} was found`) },
    fullDescription: { text: cut(about) },
    help: {
      text: cut(help),
      markdown: cut(help.replace('Cause:', '**Cause:**').replace('Fix:', '**Fix:**')),
    },
    helpUri: HOME,
    defaultConfiguration: { level: 'error' },
    properties: {
      tags: ['reliability', id.split('/')[0]],
      precision: 'very-high',
      'problem.severity': 'error',
    },
  };
}

function resultOf(placed: PlacedCause, ruleIndex: number): unknown {
  const { cause, rule, finding, flaky, known, place, others } = placed;
  const facts = finding === undefined ? [] : findingText(finding).facts;
  const text = [plainLine(cause.message), ...adviceOf(placed)].join('\n');
  return {
    ruleId: rule,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: flaky ? 'warning' : 'error',
    message: { text: plainText(text) },
    // a result without a place is not shown: the scenario may lie outside of the repository
    locations: [locationOf(place ?? placeElsewhere(placed))],
    ...(others.length === 0
      ? {}
      : { relatedLocations: others.map((one, index) => ({ id: index + 1, ...locationOf(one) })) }),
    ...codeFlowOf(placed),
    partialFingerprints: { primaryLocationLineHash: identityOf(cause) },
    ...(known === undefined ? {} : { suppressions: [{ kind: 'external', justification: plainLine(known) }] }),
    properties: {
      cases: cause.cases,
      smallest: cause.smallest.id,
      ...(flaky ? { flaky: true } : {}),
      ...Object.fromEntries(facts.map(({ label, lines }) => [label, lines.join('\n').slice(0, 4000)])),
    },
  };
}

function locationOf({ file, line, column }: RepositoryPlace): { physicalLocation: unknown } {
  return {
    physicalLocation: {
      artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
      region: { startLine: line, startColumn: column, endLine: line, endColumn: column + 1 },
    },
  };
}

/** The path from a root of the heap to the leaked thing, a step a location: who must let go of what. */
function codeFlowOf({ finding, place, cause }: PlacedCause): { codeFlows?: unknown } {
  if (finding?.kind !== 'leak' || finding.path === undefined) return {};
  const steps = plainLine(finding.path).split(' → ');
  const location = place === undefined ? {} : locationOf(place);
  const locations = steps.map((step) => ({ location: { ...location, message: { text: step } } }));
  return {
    codeFlows: [
      { message: { text: `what keeps it: ${plainLine(cause.message)}` }, threadFlows: [{ locations }] },
    ],
  };
}

function labErrors({ results }: RunReport): unknown[] {
  return results
    .filter(({ verdict }) => verdict === 'error')
    .map(({ id, reason = '' }) => ({
      level: 'error',
      message: {
        text: `${plainLine(id)}: the lab failed, which says nothing about the target: ${plainText(reason)}`,
      },
    }));
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
