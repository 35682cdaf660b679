/**
 * Leaky programs (scenarios/targets/leaky) as tests, and what each tool of JavaScript finds of them by one line or one flag: `noLeaks`, vitest's
 * `--detectAsyncLeaks`, Jest's `--detectOpenHandles`, why-is-node-running.
 *
 *   npm run bench:one-line -- [--only timer]… [--tool why]… [--jobs 2] [--output outputs.json]
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

import { concurrently } from '../shared/concurrently.ts';
import { type Found, lineOfLeak, type Tool, TOOLS, whatIsFound } from './found-by-tool.ts';
import { ALONE } from './runners.ts';
import { unpack } from './unpacked.ts';

const LEAKY = 'scenarios/targets/leaky';
/** Programs that speak HTTP/2, gRPC, WebSocket or TLS, run in several processes, or leak only behind a network that loses packets. */
const LEFT_OUT = /^(?:h2-|grpc-|ws-|tls-|cluster|left-while-connecting)/;
const OVER_HTTP = /^(?:http-|kept-|pooled-)/;
/** Longest run of one tool over one program, ms. */
const WITHIN = 300_000;
const BIN = path.resolve('node_modules/.bin');

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    tool: { type: 'string', multiple: true, default: [...TOOLS] },
    jobs: { type: 'string', default: '2' },
    output: { type: 'string' },
  },
});

const tools = TOOLS.filter((tool) => values.tool.includes(tool));
const isMended = (name: string): boolean => name.startsWith('mended');
const mendedOf = (name: string): string => (OVER_HTTP.test(name) ? 'mended-http' : 'mended');
const leaky = readdirSync(LEAKY)
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => path.basename(name, '.mjs'))
  .filter((name) => !LEFT_OUT.test(name) && !isMended(name) && (values.only?.includes(name) ?? true));
const programs = [...new Set(leaky.map(mendedOf)), ...leaky];

const outputs = new Map<string, string>();
const { folder, done } = await unpack();
try {
  cpSync(LEAKY, path.join(folder, 'leaky'), { recursive: true });
  cpSync('test/programs/one-line/drive.mjs', path.join(folder, 'drive.mjs'));
  for (const tool of tools) mkdirSync(path.join(folder, tool));
  const runs = tools.flatMap((tool) => programs.map((name) => ({ name, tool })));
  await concurrently(Number(values.jobs), runs, async ({ name, tool }) => {
    outputs.set(`${tool} ${name}`, await run(tool, name));
    if (values.output !== undefined)
      writeFileSync(values.output, JSON.stringify(Object.fromEntries(outputs), undefined, 2));
  });
} finally {
  await done();
}
process.stdout.write(table());

/** Runs one tool over one program, in a process of its own: most of them look at a process as a whole. */
async function run(tool: Tool, name: string): Promise<string> {
  const file = `${tool}/${name}.test.mjs`;
  writeFileSync(path.join(folder, file), testOf(tool, name));
  const [command = '', ...args] = {
    'no-leaks': [process.execPath, file],
    vitest: [`${BIN}/vitest`, 'run', '--root', '.', '--detectAsyncLeaks', file],
    jest: [
      `${BIN}/jest`,
      '--rootDir',
      '.',
      '--detectOpenHandles',
      '--forceExit',
      '--testMatch',
      `**/${file}`,
    ],
    why: [process.execPath, file],
  }[tool];
  const { all } = await execa(command, args, {
    cwd: folder,
    all: true,
    reject: false,
    timeout: WITHIN,
    // Jest imports ES modules only with the flag
    env: { ...ALONE, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  return all;
}

function testOf(tool: Tool, name: string): string {
  const start = `const { round, stop } = await start(new URL('../leaky/${name}.mjs', import.meta.url).pathname);`;
  const test = `test('${name}', async () => {
  ${start}
  await round();
  await stop();
}, ${WITHIN});
`;
  switch (tool) {
    case 'no-leaks':
      return `import { noLeaks } from 'lastfin';
import { start } from '../drive.mjs';
${start}
await noLeaks(round).catch((error) => console.log(error.message));
await stop();
process.exit();
`;
    case 'why':
      // standard streams are opened by the first look at them, such as that of `pipe`: no handles of the program
      return `void [process.stdin, process.stdout, process.stderr];
const { default: why } = await import('why-is-node-running');
const { start } = await import('../drive.mjs');
${start}
await round();
await stop();
why();
process.exit();
`;
    case 'vitest':
      return `import { test } from 'vitest';\nimport { start } from '../drive.mjs';\n${test}`;
    default:
      return `import { start } from '../drive.mjs';\n${test}`;
  }
}

function table(): string {
  const outputOf = (tool: Tool, name: string): string => outputs.get(`${tool} ${name}`) ?? '';
  const found = (tool: Tool, name: string): Found =>
    whatIsFound(tool, {
      output: outputOf(tool, name),
      mended: outputOf(tool, mendedOf(name)),
      line: `${name}.mjs:${lineOfLeak(readFileSync(`${LEAKY}/${name}.mjs`, 'utf8'))}`,
    });
  const count = (tool: Tool, wanted: Found): string =>
    String(leaky.filter((name) => found(tool, name) === wanted).length);
  const alarms = (tool: Tool): string =>
    programs.some((name) => isMended(name) && /\bmended(?:-http)?\.mjs:\d/.test(outputOf(tool, name)))
      ? 'alarm'
      : '';
  const rows = [
    ['program', ...tools],
    ['---', ...tools.map(() => '---')],
    ...leaky.map((name) => [name, ...tools.map((tool) => found(tool, name))]),
    [`line, of ${leaky.length}`, ...tools.map((tool) => count(tool, 'line'))],
    [`other line, of ${leaky.length}`, ...tools.map((tool) => count(tool, 'other line'))],
    ['mended programs', ...tools.map(alarms)],
  ];
  return `${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
}
