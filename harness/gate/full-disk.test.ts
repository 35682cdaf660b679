import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';

import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { toJson } from '../report/files/json.ts';
import { aRun } from '../report/testing/sample-run.ts';
import { historyLine } from './history.ts';

const folder = temporaryFolder('full-disk-test');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const MAIN = path.resolve('dist/harness/cli/main.js');
const HISTORY = path.resolve('dist/harness/gate/history.js');

test.runIf(existsSync('/proc/self/environ'))(
  'a full disk keeps the known findings and the history that were there, and leaves no part of new ones',
  async () => {
    const report = aRun();
    writeFileSync(path.join(folder, 'report.json'), toJson(report));
    const line = `${JSON.stringify(historyLine(report, undefined))}\n`;
    const append = `import { appendHistory, readHistory } from '${HISTORY}';
      const [line] = readHistory('history.jsonl');
      for (let more = 0; more < 200; more++) await appendHistory('history.jsonl', line);`;
    writeFileSync(path.join(folder, 'append.mjs'), append);
    writeFileSync(path.join(folder, 'history.jsonl'), line);
    const script = `mount -t tmpfs -o size=40k none /mnt && cd /mnt && cp ${folder}/history.jsonl . || exit 9
echo '{ "known": 1 }' > lastfin-known.json
head -c 24k /dev/zero > rest
${process.execPath} ${folder}/append.mjs 2>&1 | grep -o 'the history .*'
${process.execPath} ${MAIN} history --out . && echo "history read"
head -c 1M /dev/zero > rest
${process.execPath} ${MAIN} gate ${folder} --accept-known --owner me --reason x; echo "exit $?"
cat lastfin-known.json; ls`;
    const { stdout, all } = await execa(
      'unshare',
      ['--user', '--map-root-user', '--mount', '/bin/sh', '-c', script],
      {
        reject: false,
        all: true,
      },
    );
    expect(all).toContain(
      'the history in history.jsonl cannot be written: no space is left on the disk (ENOSPC)',
    );
    expect(stdout).toContain('history read');
    expect(all).toContain(
      'the known findings in lastfin-known.json cannot be written: no space is left on the disk',
    );
    expect(stdout).toMatch(/exit 3\n\{ "known": 1 \}\nhistory\.jsonl\nlastfin-known\.json\nrest$/);
  },
);
