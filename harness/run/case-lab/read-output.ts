import type { Sample } from '../../probe/protocol.ts';
import { endLineReader } from '../../targets/figures/end-line.ts';
import { LogGauges } from '../../targets/figures/log-gauges.ts';
import type { TargetProcess } from '../../targets/process/target-process.ts';
import { EndLineJournal } from '../end-line-journal.ts';
import { OutputLog } from '../series/output-log.ts';
import type { CaseLabOptions } from './case-lab.ts';

/**
 * Reads the lines that the target prints: ended connections go into the journal at once, the last lines at the end; the returned function tells the gauges and
 * counters as they stand.
 */
export function readOutput(
  { case: { connections }, target: file, recorder, teardown }: CaseLabOptions,
  target: TargetProcess,
): () => Pick<Sample, 'gauges' | 'counters'> {
  const read = endLineReader(file.ends);
  const ends = new EndLineJournal(recorder, connections.count);
  const gauges = new LogGauges(file.gauges);
  const counters = new LogGauges(
    Object.fromEntries(Object.entries(file.counters).map(([name, up]) => [name, { up }])),
  );
  const log = new OutputLog(recorder);
  target.onOutput((stream, line) => {
    log.add(stream, line);
  });
  target.onLine((line) => {
    gauges.read(line);
    counters.read(line);
    const end = read(line);
    if (end) ends.write(end);
  });
  teardown.add('the log of the target', () => {
    ends.close();
    log.close();
    const { outputDropped } = target;
    if (outputDropped > 0)
      recorder.write({
        type: 'blind',
        what: `${outputDropped} characters of its output: their lines were too long`,
      });
  });
  return () => ({ gauges: gauges.values, counters: counters.values });
}
