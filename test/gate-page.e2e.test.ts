import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { validateWorkflow } from '@action-validator/core';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { noThresholds, readGate } from '../harness/gate/gate-file.ts';
import { parseKnown } from '../harness/gate/known/known-file.ts';
import { temporaryFolder } from './command-line.ts';

const page = readFileSync('docs/gate.md', 'utf8');
const block = (language: string, has: string): string =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
    .map(([, text = '']) => text)
    .find((text) => text.includes(has)) ?? '';

type Step = { name?: string; run?: string; uses?: string };
const WORKFLOW = block('yaml', 'jobs:');

test('the workflow fits the schema of workflows, which refuses a misspelt key', () => {
  expect(validateWorkflow(WORKFLOW)).toEqual({ actionType: 'workflow', errors: [] });
  const misspelt = validateWorkflow(WORKFLOW.replace('timeout-minutes', 'timeout-minuts')) as {
    errors: unknown[];
  };
  expect(misspelt.errors).not.toEqual([]);
});

test('the thresholds of the page are read, each key of them', async () => {
  const { folder, done } = await temporaryFolder();
  try {
    const file = path.join(folder, 'gate.yaml');
    writeFileSync(file, block('yaml', 'perConnection'));
    const gate = readGate(file);
    expect(gate).toMatchObject({
      findings: { drain: 2, other: 0 },
      drain: { p99: 2000 },
      memory: { perConnection: 8192 },
    });
    const keys = Object.keys(
      (JSON.parse(readFileSync('docs/generated/gate.schema.json', 'utf8')) as { properties: object })
        .properties,
    );
    expect(Object.keys(gate).toSorted()).toEqual(keys.toSorted());
    writeFileSync(file, '# nothing yet\n');
    expect(readGate(file)).toEqual(noThresholds());
    writeFileSync(file, 'flakey: 1\n');
    expect(() => readGate(file)).toThrow(`${file}:1:1: unknown key \`flakey\`; did you mean \`flaky\`?`);
  } finally {
    await done();
  }
});

test('the known findings of the page are read', () => {
  const { findings } = parseKnown('page', block('json', '"known"'));
  expect(Object.keys(findings)).toEqual(['my-proxy.yaml']);
});

describe('the workflow, run as the runner would', () => {
  let folder: string;
  let done: () => Promise<void>;

  beforeAll(async () => {
    ({ folder, done } = await temporaryFolder());
    // what `npm ci` would install
    const bin = path.join(folder, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(path.resolve('dist/harness/cli/main.js'), path.join(bin, 'lastfin'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
    // a case of its own, on a program that leaks a timer
    mkdirSync(path.join(folder, 'scenarios'));
    writeFileSync(
      path.join(folder, 'scenarios', 'close.yaml'),
      'about: A client that closes leaves nothing behind.\nconnections: { count: 2 }\nclient: [open, close]\nexpect: { drain: 300ms }\n',
    );
    const target = readFileSync('scenarios/targets/leaky/timer.yaml', 'utf8');
    writeFileSync(path.join(folder, 'my-proxy.yaml'), target);
    cpSync('scenarios/targets/leaky/timer.mjs', path.join(folder, 'timer.mjs'));
  });

  afterAll(() => done());

  /** Steps that prepare a machine: what they do is done here by the test. */
  const PREPARES = ['Allow network namespaces', 'Install'];

  /** Runs the steps up to the first that fails, in the shell of the runner; resolves with its name and all output. */
  async function runWorkflow(): Promise<{ red?: string; text: string }> {
    const { jobs } = parse(WORKFLOW) as { jobs: { lastfin: { steps: Step[] } } };
    const steps = jobs.lastfin.steps.filter(
      ({ run, name = '' }) => run !== undefined && !PREPARES.includes(name),
    );
    expect(steps.map(({ name }) => name)).toEqual(['Run', 'Gate']);
    let text = '';
    for (const { run = '', name = '' } of steps) {
      // without the shipped suite: one case is enough to leak
      const script = run.replace('lastfin run', 'lastfin run scenarios');
      const { exitCode, all } = await shell(script);
      text += all;
      if (exitCode !== 0) return { red: name, text };
    }
    return { text };
  }

  async function shell(script: string): Promise<{ exitCode: number | undefined; all: string }> {
    const result = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: folder,
      all: true,
      reject: false,
      env: { npm_config_offline: 'true' },
    });
    return { exitCode: result.exitCode, all: result.all };
  }

  test('is red on a new leak, green on a known one though lines move, red again when that expires', async () => {
    const fresh = await runWorkflow();
    expect(fresh.red, fresh.text).toBe('Gate');
    expect(fresh.text).toContain('✗ new findings    1, at most 0: 1 too many');

    const accepted = await shell(/^npx lastfin gate --accept-known.*$/m.exec(page)?.[0] ?? '');
    expect(accepted.exitCode, accepted.all).toBe(0);
    const file = path.join(folder, 'lastfin-known.json');
    expect(existsSync(file)).toBe(true);

    const program = path.join(folder, 'timer.mjs');
    writeFileSync(program, `// three\n// more\n// lines\n${readFileSync(program, 'utf8')}`);
    const known = await runWorkflow();
    expect(known.red, known.text).toBeUndefined();
    expect(known.text).toContain('the gate is open');
    expect(known.text).toContain('timer.mjs:11:31');

    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/"expires": "[^"]*"/, '"expires": "2026-01-01"'));
    // the report is the same: only the day has passed
    const expired = await shell('npx lastfin gate');
    expect(expired.exitCode, expired.all).toBe(1);
    expect(expired.all).toContain('known until 2026-01-01 (team-edge), which is over');

    // mended, the finding is gone: told, and pruned on request
    const mended = readFileSync('scenarios/targets/leaky/mended.mjs', 'utf8');
    writeFileSync(program, mended);
    writeFileSync(file, text);
    const gone = await runWorkflow();
    expect(gone.red, gone.text).toBeUndefined();
    expect(gone.text).toContain('no longer there');
    expect((await shell('npx lastfin gate --max-gone 0')).exitCode).toBe(1);
    const pruned = await shell('npx lastfin gate --prune-known --max-gone 0');
    expect(pruned.exitCode, pruned.all).toBe(0);
    expect(parseKnown(file, readFileSync(file, 'utf8')).findings).toEqual({});
  }, 600_000);
});
