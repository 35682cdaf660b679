import { expect, test } from 'vitest';

import { EndLineJournal } from './end-line-journal.ts';
import { Recorder } from '../journal/recorder.ts';

test('no more end lines are kept than the connections can have, and the others are told', () => {
  const recorder = new Recorder(() => undefined);
  const lines = new EndLineJournal(recorder, 10);
  for (let id = 0; id < 10_003; id++) lines.write({ id: 'x'.repeat(9999), bytesIn: 0, bytesOut: 0 });
  lines.close();
  expect(recorder.entries).toHaveLength(10_001);
  expect(recorder.entries[0]).toMatchObject({ type: 'end-line', id: 'x'.repeat(256) });
  expect(recorder.entries.at(-1)).toMatchObject({
    type: 'blind',
    what: '3 more lines of ended connections in its log: the first 10000 are judged',
  });
});
