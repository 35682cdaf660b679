import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findProgram } from '../../harness/lab/system-tool.ts';
import { compiled } from '../../shared/package-root.ts';
import type { Ports } from '../../harness/lab/network/ports.ts';
import type { Teardown } from '../../harness/lab/teardown.ts';
import { endsWithHarness } from '../../harness/targets/process/ends-with-harness.ts';
import { within } from '../../shared/within.ts';
import { haproxyConfig, lastfinConfig, nginxConfig } from './configs.ts';
import type { Listeners } from './configs.ts';
import type { BareListener } from './bare.ts';
import type { Gauge } from './gauge.ts';
import { Remote } from '../remote.ts';
import { untilAccepting } from '../tcp-load.ts';
import type { UpstreamPorts } from './upstream.ts';

export const CONTENDERS = ['bare', 'lastfin', 'nginx', 'haproxy'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** A proxy that runs, in a process of its own. */
export type Contender = {
  name: ContenderName;
  pid: number;
  listeners: Listeners;
  /** gauge inside a Node process */
  gauge?: Remote<Gauge>;
  stop(): Promise<void>;
};

type Setting = {
  ports: Ports;
  teardown: Teardown;
  /** folder of configs and logs */
  folder: string;
  /** certificate and key */
  pem: string;
};

/** Starts a proxy with its listeners in front of one upstream; undefined where its program is not installed. */
export async function startContender(
  name: ContenderName,
  to: UpstreamPorts,
  setting: Setting,
): Promise<Contender | undefined> {
  const { ports, teardown, folder, pem } = setting;
  const listeners: Listeners = {
    echo: await ports.take(),
    source: await ports.take(),
    sink: await ports.take(),
    http: await ports.take(),
    tls: await ports.take(),
  };
  const file = (ending: string): string => path.join(folder, `${name}-${listeners.echo}.${ending}`);
  // a file as in production, not a pipe: reading it would cost this machine's time
  const log = openSync(file('log'), 'a');
  const node = (program: string, args: string[]): ChildProcess =>
    fork(compiled(program), args, {
      execArgv: ['--expose-gc', '--import', compiled('bench/proxy/gauge.js')],
      stdio: ['ignore', log, log, 'ipc'],
    });
  const foreign = (program: string, args: string[]): ChildProcess | undefined => {
    const found = findProgram(program);
    if (found === undefined) return undefined;
    const [command, ...rest] = [...endsWithHarness(), found, ...args] as [string, ...string[]];
    return spawn(command, rest, { stdio: ['ignore', log, log] });
  };
  const configured = (text: string): string => {
    writeFileSync(file('conf'), text);
    return file('conf');
  };
  const start = {
    bare: () => node('bench/proxy/bare.js', [JSON.stringify(bareListeners(listeners, to, pem))]),
    lastfin: () => node('proxy/cli/main.js', ['--config', configured(lastfinConfig(listeners, to, pem))]),
    nginx: () =>
      foreign('nginx', ['-p', folder, '-c', configured(nginxConfig(listeners, to, pem, file('pid')))]),
    haproxy: () => foreign('haproxy', ['-db', '-f', configured(haproxyConfig(listeners, to, pem))]),
  };
  const child = start[name]();
  if (child === undefined) return undefined;
  const ended = once(child, 'exit');
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    child.kill('SIGKILL');
    await ended;
  };
  teardown.add(name, stop);
  const died = ended.then(() => {
    if (!stopped)
      throw new Error(`${name} has ended by itself: ${readFileSync(file('log'), 'utf8').slice(-2000)}`);
  });
  // later, whoever measures it sees that it is gone
  died.catch(() => undefined);
  const up = Promise.all(Object.values(listeners).map(untilAccepting));
  await within(10_000, `starting ${name}`, Promise.race([up, died]));
  const gauge = child.send === undefined ? undefined : new Remote<Gauge>(child, name);
  return { name, pid: child.pid ?? 0, listeners, stop, ...(gauge && { gauge }) };
}

function bareListeners(listeners: Listeners, to: UpstreamPorts, pem: string): BareListener[] {
  const upstream = (port: number): BareListener['upstream'] => ({ host: to.host, port });
  return [
    { port: listeners.echo, upstream: upstream(to.echo) },
    { port: listeners.source, upstream: upstream(to.source) },
    { port: listeners.sink, upstream: upstream(to.sink) },
    { port: listeners.http, upstream: upstream(to.http) },
    { port: listeners.tls, upstream: upstream(to.http), pem },
  ];
}
