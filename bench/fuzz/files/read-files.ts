import path from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { judge } from '../../../harness/judge/judge.ts';
import { loadMutants } from '../../../harness/mutants/mutant-file.ts';
import { describeFault } from '../../../harness/scenario/describe/describe.ts';
import { loadScenarios } from '../../../harness/scenario/load/load-scenarios.ts';
import { loadTarget, targetLookup } from '../../../harness/targets/file/target-file.ts';
import { loadConfig } from '../../../proxy/config/config-file.ts';
import { readJournal } from '../../../harness/journal/file.ts';
import { toJUnit } from '../../../harness/report/files/junit.ts';
import { readLatest } from '../../../harness/report/files/read-latest.ts';
import { buildReport } from '../../../harness/report/run-report.ts';
import { TerminalReporter } from '../../../harness/report/terminal/terminal.ts';
import { FILE_OF, type Kind, type Order, type Reading } from './kinds.ts';

/** Reads the files that it is told of on stdin, a JSON line each, with the readers of the commands, and says a JSON line for each. */
const targets = targetLookup();

const READERS: Record<Kind, (file: string, folder: string) => string | Promise<string>> = {
  scenario: (file) => {
    const cases = loadScenarios([file], { seed: 1, targets });
    return cases
      .flatMap(({ id, faults }) => [id, ...faults.map(describeFault)])
      .slice(0, 50)
      .join('\n');
  },
  target: (file) => loadTarget(file).name,
  mutant: (file) => String(loadMutants(path.dirname(file)).length),
  config: (file) => String(loadConfig(file).settings.listeners.length),
  journal: async (file) => {
    const result = judge(await readJournal(file));
    const printed: string[] = [];
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        printed.push(chunk.toString());
        done();
      },
    }) as unknown as NodeJS.WriteStream;
    const terminal = new TerminalReporter({ stream, color: false, detail: 'verbose', rerun: () => 'again' });
    terminal.onCaseEnd(result);
    const facts = { lastfin: '0', started: '', took: 0, node: '', platform: '', seed: 1, interrupted: false };
    const report = buildReport({ ...facts, results: [result] });
    terminal.onRunEnd(report);
    toJUnit(report);
    return printed.join('');
  },
  report: (_file, folder) => String(readLatest(folder)?.results.length),
};

async function read({ kind, folder }: Order): Promise<Reading> {
  const before = process.cpuUsage();
  const done = (rest: Pick<Reading, 'printed' | 'code' | 'stack'>): Reading => ({
    took: msOf(process.cpuUsage(before)),
    memory: process.resourceUsage().maxRSS * 1024,
    ...rest,
  });
  try {
    return done({ printed: await READERS[kind](path.join(folder, FILE_OF[kind]), folder) });
  } catch (error) {
    if (error instanceof LastfinError) return done({ printed: error.message, code: error.code });
    return done({
      printed: '',
      code: 'none',
      stack: error instanceof Error ? String(error.stack) : String(error),
    });
  }
}

const msOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

for await (const line of createInterface({ input: process.stdin })) {
  const reading = await read(JSON.parse(line) as Order);
  process.stdout.write(`${JSON.stringify(reading)}\n`);
}
