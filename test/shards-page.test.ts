import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { validateWorkflow } from '@action-validator/core';
import { execa } from 'execa';
import { Job } from 'kubernetes-models/batch/v1';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { temporaryFolder } from './command-line.ts';

const page = readFileSync('docs/shards.md', 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);
const withKey = (key: string): string => blocks.find((text) => text.includes(key)) ?? '';

test('the workflow of GitHub fits the schema of workflows', () => {
  expect(validateWorkflow(withKey('runs-on'))).toEqual({ actionType: 'workflow', errors: [] });
});

const manifest = parse(withKey('kind: Job')) as ConstructorParameters<typeof Job>[0];

test('the manifest of Kubernetes fits its schema, which refuses other values', () => {
  expect(() => {
    new Job(manifest).validate();
  }).not.toThrow();
  const rules = [{ action: 'Retry' }];
  const wrong = { ...manifest, spec: { ...manifest?.spec, podFailurePolicy: { rules } } } as typeof manifest;
  expect(() => {
    new Job(wrong).validate();
  }).toThrow('must be equal to one of the allowed values');
});

test('each key of the manifest is one of Kubernetes', async () => {
  const { folder, done } = await temporaryFolder();
  try {
    symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    // validation lets unknown keys through; the types do not
    const check = async (job: unknown): Promise<string> => {
      const text = `import type { IJob } from 'kubernetes-models/batch/v1';\nexport const job: IJob = ${JSON.stringify(job)};\n`;
      writeFileSync(path.join(folder, 'job.ts'), text);
      const tsc = path.resolve('node_modules/.bin/tsc');
      const args = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--types',
        'node',
        'job.ts',
      ];
      return (await execa(tsc, args, { cwd: folder, reject: false })).stdout;
    };
    expect(await check(manifest)).toBe('');
    expect(await check({ ...manifest, spec: { ...manifest?.spec, backofLimitPerIndex: 1 } })).toContain(
      'backofLimitPerIndex',
    );
  } finally {
    await done();
  }
}, 60_000);

test('exit codes are as the manifest takes them: findings are not tried again', () => {
  const rules = manifest?.spec?.podFailurePolicy?.rules.map(({ action, onExitCodes }) => [
    action,
    onExitCodes?.values,
  ]);
  expect(rules).toEqual([
    ['FailIndex', [1]],
    ['FailJob', [2]],
    ['Count', [3]],
  ]);
  const [container] = manifest?.spec?.template.spec?.containers ?? [];
  expect(container?.env?.find(({ name }) => name === 'LASTFIN_SHARDS')?.value).toBe(
    String(manifest?.spec?.completions),
  );
});

test('each job of GitLab has a script, and the shards are as many as `parallel` says', () => {
  const jobs = parse(withKey('parallel: 4')) as Record<string, { script: string[]; parallel?: number }>;
  expect(Object.keys(jobs)).toEqual(['shard', 'merge']);
  for (const { script } of Object.values(jobs)) expect(script[0]).toBe('npm ci');
  expect(jobs['shard']?.parallel).toBe(4);
});
