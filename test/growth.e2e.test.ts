import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { latestReport, runPlainly } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

/** The target passes on a reset as an end, so each client's last step fails. */
const FAILED_STEP = `
about: Upstreams reset, and clients ask for a reset in vain.
connections: 20
client: [open, { send: 64 }, { expect: reset }, close]
upstream: [{ expect: 64 }, reset]
`;

describe('a failed step', () => {
  test.each([
    ['scenarios/targets/leaky/process-listener.yaml', ['leak', 'step']],
    ['scenarios/targets/leaky/mended.yaml', ['step']],
  ])('%s: %j', async (target, kinds) => {
    const file = path.join(out, 'failed-step.yaml');
    await writeFile(file, FAILED_STEP);
    const { all } = await runPlainly([file, '--target', target, '--out', out]);
    const [result] = (await latestReport(out)).results;
    expect(result?.findings.map(({ kind }) => kind).toSorted(), String(all)).toEqual(kinds);
    expect(String(all)).toContain('20 clients could not complete step 3');
  });
});
