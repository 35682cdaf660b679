import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { loadTarget } from '../harness/targets/file/target-file.ts';
import { has } from './optional.ts';
import { lastfin, temporaryFolder } from './command-line.ts';

let folder = '';
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder, done } = await temporaryFolder());
});

afterEach(() => done());

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

/** `lastfin init --yes --no-run` in the folder, and the target file that it has written. */
async function init(
  ...more: string[]
): Promise<{ all: string; exitCode: number | undefined; target: Record<string, unknown> }> {
  const { all, exitCode } = await lastfin(['init', '--yes', '--no-run', ...more], { cwd: folder });
  const file = path.join(folder, 'lastfin.yaml');
  const target = existsSync(file) ? (parse(await readFile(file, 'utf8')) as Record<string, unknown>) : {};
  return { all: String(all), exitCode, target };
}

/** A TCP proxy in Node; `listen` and `to` are expressions for `listen(…)` and `connect(…)`. */
const pipe = (listen: string, to: string): string => `
const net = require('node:net');
net.createServer((client) => {
  const upstream = net.connect(${to});
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
}).listen(${listen});
`;

const server = (answer: string): string => `
const http = require('node:http');
http.createServer((request, response) => ${answer}).listen(process.env.PORT ?? 3000);
`;

const GATEWAY = `
const http = require('node:http');
const to = new URL(process.env.BACKEND_URL);
http.createServer((request, response) => {
  const { method, url, headers } = request;
  const sent = http.request({ host: to.hostname, port: to.port, path: url, method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  sent.on('error', () => response.writeHead(502).end());
  request.pipe(sent);
}).listen(process.env.PORT);
`;

const CONNECT = `
const http = require('node:http');
const net = require('node:net');
http.createServer((request, response) => response.writeHead(400).end()).on('connect', (request, socket) => {
  const [host, port] = request.url.split(':');
  const upstream = net.connect(port, host, () => {
    socket.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
}).listen(process.env.PORT);
`;

const SOCKS = `
const net = require('node:net');
net.createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (data) => (data[0] === 5 ? socket.write(Buffer.from([5, 0])) : socket.destroy()));
}).listen(process.env.PORT);
`;

describe('finds out by trying', () => {
  test('a TCP proxy that reads the variables that are always set', async () => {
    await write({
      'package.json': '{ "name": "piper", "scripts": { "start": "node proxy.js" } }',
      'proxy.js': pipe('process.env.LISTEN_PORT', 'process.env.UPSTREAM_PORT, process.env.UPSTREAM_HOST'),
    });
    const { target, exitCode } = await init();
    expect(exitCode).toBe(0);
    expect(target).toMatchObject({
      about: 'piper.',
      kind: 'node',
      command: ['node', '{{here}}/proxy.js'],
      routes: { tcp: { client: 'tcp', upstream: 'tcp' } },
    });
    expect(target).not.toHaveProperty('environment');
    expect(loadTarget(path.join(folder, 'lastfin.yaml')).routes).toHaveProperty('tcp');
  });

  test('names of its own for its addresses', async () => {
    await write({
      'package.json': '{ "main": "index.js" }',
      'index.js': pipe('process.env.PORT', 'process.env.REMOTE_PORT, process.env.REMOTE_HOST'),
    });
    const { target } = await init();
    expect(target['environment']).toEqual({
      PORT: '{{listen.port}}',
      REMOTE_HOST: '{{upstream.host}}',
      REMOTE_PORT: '{{upstream.port}}',
    });
  });

  test('an address as host and port in one variable', async () => {
    await write({
      'index.js': pipe('process.env.PORT', "...process.env.TARGET.split(':').reverse()"),
    });
    const { target } = await init();
    expect(target['environment']).toEqual({ PORT: '{{listen.port}}', TARGET: '{{upstream.address}}' });
  });

  test('arguments, which it insists on', async () => {
    await write({
      'package.json': '{ "bin": { "piper": "cli.js" } }',
      'cli.js': `
const { values } = require('node:util').parseArgs({ options: { port: { type: 'string' }, to: { type: 'string' } } });
if (!values.port || !values.to) throw new Error('usage: piper --port PORT --to HOST:PORT');
${pipe('values.port', "...values.to.split(':').reverse()")}`,
    });
    const { target } = await init();
    expect(target['command']).toEqual([
      'node',
      '{{here}}/cli.js',
      '--port',
      '{{listen.port}}',
      '--to',
      '{{upstream.address}}',
    ]);
  });

  test('places on the command line', async () => {
    await write({ 'proxy.js': pipe('process.argv[2]', 'process.argv[4], process.argv[3]') });
    const { target } = await init();
    expect(target['command']).toEqual([
      'node',
      '{{here}}/proxy.js',
      '{{listen.port}}',
      '{{upstream.host}}',
      '{{upstream.port}}',
    ]);
  });

  test.each([
    ['an HTTP gateway', GATEWAY, { http: { client: 'http', upstream: 'http' } }],
    ['a proxy for CONNECT', CONNECT, { connect: { client: 'connect', upstream: 'tcp' } }],
    ['a SOCKS5 proxy', SOCKS, { socks5: { client: 'socks5', upstream: 'tcp' } }],
    ['an HTTP server', server("response.end('hello')"), { http: { client: 'http' } }],
  ])('%s', async (_, program, routes) => {
    await write({ 'server.js': program });
    const { target, all } = await init();
    expect(target['routes'], all).toEqual(routes);
    expect(target['environment']).toMatchObject({ PORT: '{{listen.port}}' });
  });
});

test.skipIf(!has('python3'))('a program in another language is looked at from outside', async () => {
  await write({
    'proxy.py': `
import os, socket
server = socket.create_server(('127.0.0.1', int(os.environ['BIND_PORT'])))
while True:
    client, _ = server.accept()
    upstream = socket.create_connection(('127.0.0.1', int(os.environ['REMOTE_PORT'])))
    client.settimeout(1)
    try:
        upstream.sendall(client.recv(65536))
    except OSError:
        pass
    client.close()
    upstream.close()
`,
  });
  const { target } = await init('--command', 'python3 proxy.py');
  expect(target).toMatchObject({
    kind: 'program',
    command: ['python3', '{{here}}/proxy.py'],
    environment: { BIND_PORT: '{{listen.port}}', REMOTE_PORT: '{{upstream.port}}' },
  });
});

describe('what is said on the command line', () => {
  test('a command with placeholders is taken as it is', async () => {
    await write({ 'a.js': pipe('process.argv[3]', 'process.argv[2]') });
    const { target } = await init('--command', 'node a.js {{upstream.port}} {{listen.port}}');
    expect(target['command']).toEqual(['node', '{{here}}/a.js', '{{upstream.port}}', '{{listen.port}}']);
  });

  test('what it speaks', async () => {
    await write({ 'server.js': server("response.end('hello')") });
    const { target } = await init('--speaks', 'websocket');
    expect(target['routes']).toEqual({ websocket: { client: 'websocket', upstream: 'websocket' } });
  });

  test('that it has no upstream', async () => {
    await write({ 'server.js': server('response.end(process.env.TARGET_URL)') });
    const { target } = await init('--no-upstream');
    expect(target['routes']).toEqual({ http: { client: 'http' } });
  });

  test('a workflow', async () => {
    await write({ 'server.js': server("response.end('hello')") });
    await init('--github');
    const workflow = parse(await readFile(path.join(folder, '.github/workflows/lastfin.yml'), 'utf8')) as {
      jobs: { lastfin: { steps: { run?: string }[] } };
    };
    expect(workflow.jobs.lastfin.steps.map(({ run }) => run)).toContain('npx lastfin run');
  });
});

describe('files', () => {
  test('fit their schemas, and name them for the editor', async () => {
    await write({ 'server.js': GATEWAY });
    await init();
    for (const [file, name] of [
      ['lastfin.yaml', 'target'],
      ['scenarios/first.yaml', 'scenario'],
    ] as const) {
      const text = await readFile(path.join(folder, file), 'utf8');
      expect(text).toMatch(
        new RegExp(
          `^# yaml-language-server: \\$schema=(\\.\\./)?node_modules/lastfin/docs/generated/${name}.schema.json\n`,
        ),
      );
      const schema = JSON.parse(await readFile(`docs/generated/${name}.schema.json`, 'utf8')) as Record<
        string,
        unknown
      >;
      const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
      expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test('that are there are left alone unless forced', async () => {
    await write({
      'server.js': server("response.end('hello')"),
      'lastfin.yaml': 'mine: true\n',
      '.gitignore': 'dist',
    });
    const first = await init();
    expect(first.all).toContain('left alone: lastfin.yaml');
    expect(first.target).toEqual({ mine: true });
    expect(await readFile(path.join(folder, '.gitignore'), 'utf8')).toBe('dist\nreports/\n');
    const forced = await init('--force');
    expect(forced.all).toContain('replaced: lastfin.yaml');
    expect(forced.target).toHaveProperty('routes');
    expect(await readFile(path.join(folder, '.gitignore'), 'utf8')).toBe('dist\nreports/\n');
  });
});

describe('says what is wrong', () => {
  test('no program', async () => {
    const { all, exitCode } = await init();
    expect(all).toContain("lastfin init --command 'node path/to/server.js'");
    expect(exitCode).toBe(2);
    expect(existsSync(path.join(folder, 'lastfin.yaml'))).toBe(false);
  });

  test('a program that listens somewhere else', async () => {
    await write({ 'server.js': "require('node:http').createServer().listen(0, '127.0.0.1');" });
    const { all, exitCode } = await init();
    expect(all).toMatch(/it listens on port \d+ whatever it is told|did not listen where it was told/);
    expect(exitCode).toBe(3);
  });

  test('a program that fails, with its output', async () => {
    await write({ 'server.js': "throw new Error('no database');" });
    const { all, exitCode } = await init();
    expect(all).toContain('no database');
    expect(all).toContain('exit code 1');
    expect(exitCode).toBe(3);
  });
});

test('ends what it has started', async () => {
  await write({
    'server.js': `
const child = require('node:child_process').spawn(process.execPath, ['-e', "require('node:net').createServer().listen(Number(process.env.CHILD))"], { env: { ...process.env } });
${server("response.end('hello')")}`,
  });
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  await lastfin(['init', '--yes', '--no-run'], { cwd: folder, env: { CHILD: String(port) } });
  const refused = await new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => resolve(true));
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });
  expect(refused).toBe(true);
});

test.each([
  ['with a target file', { 'lastfin.yaml': 'about: x' }, 'npx lastfin run '],
  ['without one', {}, 'npx lastfin init '],
])('without a command it says what to do, %s', async (_, files, told) => {
  await write(files);
  const { stdout, exitCode } = await lastfin([], { cwd: folder });
  expect(String(stdout)).toContain(told);
  expect(exitCode).toBe(0);
});

test('in its own checkout it names the script', async () => {
  expect(String((await lastfin([])).stdout)).toContain('npm run chaos');
});
