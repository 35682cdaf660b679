import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import type { RunReport } from '../harness/report/run-report.ts';
import { Stopwatch } from '../shared/testing/stopwatch.ts';
import { compileExamples } from './package/compile-examples.ts';
import { blocks, commandLines, publicExamples, runnableExamples } from './package/examples.ts';
import { install } from './package/installed.ts';
import { planOf } from './package/lines.ts';
import { MY_PROGRAMS } from './package/my-programs.ts';
import { runExamples } from './package/run-examples.ts';

const { folder, obstacle, done } = await install();
const required = process.env['LASTFIN_REQUIRE_ALL'] === '1';
if (obstacle !== undefined) process.stdout.write(`\nskipped: the installed package: ${obstacle}\n`);

afterAll(done);

/** A line as a user types it in the folder where the package is installed; never rejects for an exit code. */
async function shell(
  line: string,
  options: Options = {},
): Promise<{ all: string; exitCode: number | undefined }> {
  const bin = path.join(folder, 'node_modules', '.bin');
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, npm_config_offline: 'true' };
  const { all, exitCode } = await execa('bash', ['-c', line], {
    cwd: folder,
    all: true,
    reject: false,
    env,
    ...options,
  });
  return { all: String(all), exitCode };
}

async function report(): Promise<RunReport> {
  return JSON.parse(await readFile(path.join(folder, 'reports/latest/report.json'), 'utf8')) as RunReport;
}

/** Files that the pages show: their first line names them. */
async function writeShownFiles(): Promise<void> {
  for (const { text } of blocks('yaml')) {
    const [, name] = /^# (\S+\.yaml)\n/.exec(text) ?? [];
    if (name === undefined) continue;
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  for (const { text } of blocks('mjs')) {
    const [, name] = /^\/\/ (\S+\.mjs)\n/.exec(text) ?? [];
    if (name !== undefined) await writeFile(path.join(folder, name), text);
  }
  for (const [name, text] of Object.entries(MY_PROGRAMS)) await writeFile(path.join(folder, name), text);
  // the page's own example has certificates of somebody's
  await writeFile(path.join(folder, 'proxy.yaml'), PROXY_CONFIG);
}

const PROXY_CONFIG = `
listeners:
  - listen: 127.0.0.1:8443
    routes: [{ mode: tcp, upstreams: ['127.0.0.1:9001'] }]
`;

describe.skipIf(obstacle !== undefined && !required)('the installed package', () => {
  beforeAll(async () => {
    expect(obstacle).toBeUndefined();
    await writeShownFiles();
  });

  test('without a command it names init', async () => {
    const { all, exitCode } = await shell('npx lastfin');
    expect(all).toContain('npx lastfin init');
    expect(exitCode).toBe(0);
  });

  test('init comes to a first verdict within a minute', async () => {
    const watch = new Stopwatch();
    const { all, exitCode } = await shell('npx lastfin init --yes');
    expect(exitCode, all).toBe(0);
    expect(all).toContain("--case 'scenarios/first'");
    expect(all).toContain('3 cases: 3 passed');
    expect(watch.fair).toBeLessThan(60_000);
    expect((await report()).results.map(({ target }) => target)).not.toContain('proxy');
  });

  test('without a command it names run, now that there is a target file', async () => {
    expect((await shell('npx lastfin')).all).toContain('npx lastfin run');
  });

  const lines = [...new Map(commandLines().map((example) => [example.text, example])).values()];

  test('every command line of the pages is run, or has a reason why not', () => {
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter(({ text }) => planOf(text) === undefined)).toEqual([]);
  });

  const runnable = lines.flatMap(({ file, line, text }) => {
    const plan = planOf(text);
    return plan !== undefined && 'run' in plan ? [{ where: `${file}:${line}`, ...plan }] : [];
  });

  test.each(runnable)('$where: $run', async ({ run, exits = [0] }) => {
    const { all, exitCode } = await shell(run);
    expect(exits, all.slice(-2000)).toContain(exitCode);
    expect(all).not.toContain('defect in lastfin');
  });

  test('the printed command runs the failed case again', async () => {
    const leaky = 'node_modules/lastfin/scenarios/targets/leaky/collection.yaml';
    const first = await shell(`npx lastfin run --case 'lifecycle/close-unused[by=client]' --target ${leaky}`);
    const [, again] = /^ +again +(npx lastfin run .*)$/m.exec(first.all) ?? [];
    expect(again, first.all).toBeDefined();
    const second = await shell(again ?? 'false');
    expect(second.exitCode, second.all).toBe(1);
    expect(second.all).toContain('0 passed, 1 failed');
  });

  test('list and validate know the shipped suite and the own one', async () => {
    const listed = (await shell('npx lastfin list')).all.split('\n');
    expect(listed).toEqual(expect.arrayContaining(['faults/client-reset[phase=idle]', 'scenarios/first']));
    expect((await shell('npx lastfin validate')).all).toMatch(/^\d+ scenarios, \d+ cases: all valid$/m);
  });

  test('mutants are found, with nothing written into the package', async () => {
    const before = await readdir(path.join(folder, 'node_modules/lastfin'));
    const { all, exitCode } = await shell('npx lastfin mutants timers-not-cleared');
    expect(all).toMatch(/found +timers-not-cleared .* from proxy\/clock\/deadlines\.ts:\d+:\d+/);
    expect(exitCode).toBe(0);
    expect(await readdir(path.join(folder, 'node_modules/lastfin'))).toEqual(before);
  });

  test('judge judges a stored journal again', async () => {
    const { all, exitCode } = await shell('npx lastfin judge reports/latest/journal/*.jsonl');
    expect(exitCode, all).toBe(1);
    expect(all).toContain('lifecycle/close-unused[by=client]');
  });

  test.each([
    ['lastfin toxiproxy -port 0', /listening|started|127\.0\.0\.1|localhost/i],
    ['lastfin-proxy --listen 127.0.0.1:0 --upstream 127.0.0.1:9', /listening/],
  ])('%s serves until it is stopped', async (line, says) => {
    const [command = '', ...args] = line.split(' ');
    const child = spawn(path.join(folder, 'node_modules/.bin', command), args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
    let output = '';
    const said = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data: Buffer) => {
          output += data.toString();
          if (says.test(output)) resolve();
        });
    });
    await Promise.race([said, exit]);
    child.kill('SIGTERM');
    await exit;
    expect(output).toMatch(says);
  });

  test('every export can be imported', async () => {
    const { exports } = JSON.parse(await readFile('package.json', 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const names = Object.keys(exports)
      // these are for a runner's process: test/runners.e2e.test.ts loads them there
      .filter((name) => !/^\.\/(vitest|jest|mocha)\b/.test(name))
      .map((name) => name.replace(/^\./, 'lastfin'));
    const script = names.map((name) =>
      name.endsWith('.json')
        ? `JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('${name}')), 'utf8'));`
        : `await import('${name}');`,
    );
    await writeFile(
      path.join(folder, 'imports.mjs'),
      `import { readFileSync } from 'node:fs';\nimport { fileURLToPath } from 'node:url';\n${script.join('\n')}`,
    );
    const { all, exitCode } = await shell('node imports.mjs');
    expect(exitCode, all).toBe(0);
  });

  test('the examples in YAML are YAML', () => {
    for (const { file, line, text } of blocks('yaml'))
      expect(() => parse(text) as unknown, `${file}:${line}`).not.toThrow();
  });

  test('brings no bench, generator or package of a target', async () => {
    const all = await readdir(path.join(folder, 'node_modules/lastfin'), { recursive: true });
    expect(all).toContain('docs/findings.md');
    expect(all.filter((file) => /^(dist\/)?(bench|scripts|test)\b|\.test\./.test(file))).toEqual([]);
    expect(all.filter((file) => /^dist\/docs|^docs\/.*\.[jt]s$/.test(file))).toEqual([]);
    expect(all.filter((file) => file.includes('node_modules'))).toEqual([]);
  });

  test('brings nothing twice: a bundled package is no dependency', async () => {
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const vendors = await readdir('shared/vendor');
    const bundled = vendors.map((file) => file.replace(/(\.d)?\.ts$/, ''));
    expect(bundled).toContain('zod');
    expect(bundled.filter((name) => name in dependencies)).toEqual([]);
  });

  test('each function and class of its faces has an example that imports it', async () => {
    const faces = ['lastfin', 'lastfin/proxy', 'lastfin/probe', 'lastfin/toxiproxy'];
    const script = faces.map(
      (face) => `for (const [name, value] of Object.entries(await import('${face}')))
        if (typeof value === 'function') console.log('${face} ' + name);`,
    );
    await writeFile(path.join(folder, 'faces.mjs'), script.join('\n'));
    const { all, exitCode } = await shell('node faces.mjs');
    expect(exitCode, all).toBe(0);
    const imported = new Set(
      publicExamples().flatMap(({ text }) =>
        [...text.matchAll(/^import \{([^}]*)\} from '(lastfin[^']*)'/gm)].flatMap(([, names = '', face]) =>
          names.split(',').map((name) => `${face} ${name.trim()}`),
        ),
      ),
    );
    const exported = all.trim().split('\n');
    expect(exported.length).toBeGreaterThan(10);
    expect(exported.filter((name) => !imported.has(name))).toEqual([]);
  });

  test('its examples compile against its types', async () => {
    expect(await compileExamples(folder, publicExamples())).toBe('');
  });

  test('every example of the sources runs, or has a reason why not', async () => {
    const examples = runnableExamples();
    const excused = examples.filter((example) => reasonFor(example.text) !== undefined);
    const outcomes = await runExamples(
      folder,
      examples.filter((example) => !excused.includes(example)),
    );
    const failed = outcomes.flatMap(({ example, error }) =>
      error === undefined ? [] : [`${example.file}:${example.line}\n${example.text}\n${error}`],
    );
    expect(failed.join('\n\n')).toBe('');
    expect(outcomes.length).toBeGreaterThan(excused.length);
    expect(REASONS.filter(([text]) => !examples.some((example) => example.text.startsWith(text)))).toEqual(
      [],
    );
  });
});

function reasonFor(example: string): string | undefined {
  if (/…/.test(example.replaceAll(/\/\/.*$/gm, ''))) return 'is shortened';
  return REASONS.find(([text]) => example.startsWith(text))?.[1];
}

/** Examples that are not run, by their first words. */
const REASONS: [startsWith: string, reason: string][] = [
  ['source <(', 'is for a shell; test/completion.e2e.test.ts runs it'],
  ['const rule = ', 'needs namespaces of its own; harness/lab/network/network.test.ts does it'],
  ['answerTo(query', 'needs a query from the wire'],
  ['const probe = new OsProbe', 'needs a running process; test/from-outside.e2e.test.ts has them'],
  [
    'const replies = new Replies',
    'is a piece of a connection; proxy/connection/replies.test.ts has whole ones',
  ],
  ["readChecked('proxy.yaml'", 'is shown by its caller, `loadConfig`'],
];
