import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { compiled } from '../harness/lab/package-root.ts';
import type { Ports } from '../harness/lab/ports.ts';
import type { Held } from './proxy-inside.ts';

/** What is measured: the bare pipe is what all others are compared with. */
export type SubjectName = 'bare pipe' | 'lastfin' | 'nginx' | 'HAProxy';

/** Ports of the upstream, or of a proxy in front of it. */
export type Services = { echo: number; source: number; web: number };

export type Subject = {
  name: SubjectName;
  ports: Services;
  pid: number;
  /** what it holds after a collection; undefined for programs that are not Node's */
  held(): Promise<Held | undefined>;
  stop(): Promise<void>;
};

type Command = { program: string; args: string[]; node: boolean };

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Whether a program can be run here. */
function has(program: string): boolean {
  return spawnSync(program, ['-v'], { stdio: 'ignore', env: { ...process.env, PATH } }).error === undefined;
}

/** The subjects that there are here. */
export function subjectNames(): SubjectName[] {
  const programs = (['nginx', 'HAProxy'] as const).filter((name) => has(name.toLowerCase()));
  return ['bare pipe', 'lastfin', ...programs];
}

/** Starts a proxy in front of all services. */
export async function startSubject(
  name: SubjectName,
  upstream: Services,
  ports: Ports,
  folder: string,
  environment: Record<string, string> = {},
): Promise<Subject> {
  const at: Services = { echo: await ports.take(), source: await ports.take(), web: await ports.take() };
  const pairs = (['echo', 'source', 'web'] as const).map(
    (service) => [at[service], upstream[service]] as const,
  );
  const { program, args, node } = commandOf(name, pairs, folder);
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit', ...(node ? (['ipc'] as const) : [])],
    env: { ...process.env, PATH, ...environment },
  });
  for (const [port] of pairs) await reachable(port, child, name);
  return {
    name,
    ports: at,
    pid: child.pid ?? 0,
    async held() {
      if (!node) return undefined;
      const answer = once(child, 'message') as Promise<[Held]>;
      child.send('held');
      return (await answer)[0];
    },
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      clearTimeout(timer);
    },
  };
}

type Pairs = readonly (readonly [listen: number, upstream: number])[];

function commandOf(name: SubjectName, pairs: Pairs, folder: string): Command {
  const file = path.join(folder, name === 'HAProxy' ? 'haproxy.cfg' : `${name}.conf`);
  const inside = ['--expose-gc', '--import', compiled('bench/proxy-inside.js')];
  switch (name) {
    case 'bare pipe':
      return {
        program: process.execPath,
        args: [...inside, compiled('bench/proxy-bare.js'), ...pairs.flat().map(String)],
        node: true,
      };
    case 'lastfin':
      writeFileSync(file, lastfinConfig(pairs));
      return {
        program: process.execPath,
        args: [...inside, compiled('proxy/main.js'), '--config', file],
        node: true,
      };
    case 'nginx':
      writeFileSync(file, nginxConfig(pairs, folder));
      return { program: 'nginx', args: ['-c', file, '-p', folder, '-e', 'stderr'], node: false };
    case 'HAProxy':
      writeFileSync(file, haproxyConfig(pairs));
      return { program: 'haproxy', args: ['-db', '-q', '-f', file], node: false };
    default:
      throw new Error('no such subject');
  }
}

/** As it comes: every clock, limit and log line at its default. */
function lastfinConfig(pairs: Pairs): string {
  const listeners = pairs.map(
    ([listen, upstream]) =>
      `  - { listen: 127.0.0.1:${listen}, routes: [{ mode: tcp, upstreams: [127.0.0.1:${upstream}] }] }\n`,
  );
  return `listeners:\n${listeners.join('')}`;
}

/** Of one worker, as the others. */
function nginxConfig(pairs: Pairs, folder: string): string {
  const servers = pairs.map(
    ([listen, upstream]) =>
      `server { listen 127.0.0.1:${listen} backlog=4096; proxy_pass 127.0.0.1:${upstream}; tcp_nodelay on; }\n`,
  );
  const modules = '/usr/lib/nginx/modules/ngx_stream_module.so';
  return `load_module ${modules};
daemon off; master_process off; error_log stderr crit; pid ${folder}/nginx.pid;
events { worker_connections 30000; }
stream {\n${servers.join('')}}\n`;
}

function haproxyConfig(pairs: Pairs): string {
  const listens = pairs.map(
    ([listen, upstream], index) =>
      `listen route${index}\n  bind 127.0.0.1:${listen} backlog 4096\n  server upstream 127.0.0.1:${upstream}\n`,
  );
  return `global
  nbthread 1
  maxconn 9000
defaults
  mode tcp
  timeout connect 10s
  timeout client 10m
  timeout server 10m
${listens.join('')}`;
}

async function reachable(port: number, child: ChildProcess, name: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if (child.exitCode !== null) throw new Error(`${name} has ended with ${child.exitCode}`);
    const socket = net.connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(true));
      socket.on('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await delay(20);
  }
  throw new Error(`${name} does not listen`);
}
