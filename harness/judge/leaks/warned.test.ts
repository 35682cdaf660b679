import { expect, test } from 'vitest';

import type { Suspect } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import { aJournal } from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';
import type { CaseResult } from '../verdict.ts';

const line = { file: 'src/gateway.ts', line: 14, column: 18 };
const text =
  'MaxListenersExceededWarning: Possible EventEmitter memory leak detected. 11 timeout listeners added to [Socket]. MaxListeners is 10.';

function judged(concurrent: number, client: Case['client'], suspects: Suspect[] = []): CaseResult {
  const warnings = [{ text, count: 1, where: [line] }];
  const report = { suspects, warnings, took: 1 };
  return judge(
    aJournal({
      case: { connections: { count: 40, concurrent }, client, expect: { drain: 1000 } },
      reports: { settled: suspects, confirmed: suspects },
      extra: [
        { type: 'report', at: 'settled', round: 1, report },
        { type: 'report', at: 'confirmed', round: 3, report },
      ],
    }),
  );
}

const leaksIn = ({ findings }: CaseResult): string[] =>
  findings.flatMap((finding) => (finding.kind === 'leak' ? [finding.message] : []));

test('more listeners than requests under way are a leak, on whatever emitter', () => {
  const result = judged(4, [{ kind: 'open' }, { kind: 'close' }]);
  expect(leaksIn(result)).toEqual([
    "11 'timeout' listeners on one emitter, by Node's own warning, with at most 4 requests under way, from src/gateway.ts:14:18; hard: nothing was seen to clear it",
  ]);
  expect(result.warnings).toMatchObject([{ text, count: 1 }]);
});

test.each<[string, number, Case['client']]>([
  ['as many requests may be under way', 20, [{ kind: 'open' }, { kind: 'close' }]],
  ['a connection may have many requests', 1, [{ kind: 'open' }, { kind: 'raw', text: 'GET / HTTP/1.1' }]],
])('no leak, but told: %s', (_, concurrent, client) => {
  const result = judged(concurrent, client);
  expect(leaksIn(result)).toEqual([]);
  expect(result.warnings).toHaveLength(1);
});
