/**
 * The probe in a process that runs already: put there through its inspector, and taken away again.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { within } from '../../shared/within.ts';
import type { CheckedProcess } from '../in-process/check.ts';
import { findInspector, isLoopback } from './find-inspector.ts';
import { InspectorClient } from './inspector-client.ts';
import { pageOf } from './inspector-page.ts';

/** Process to look at: by its number, or by the address of its inspector. */
export type Which = { pid: number } | { inspect: string };

/** Facts of a process. */
export type ProcessFacts = { pid: number; node: string; script: string; workers: number };

/** Time for the first answer, ms: a process whose event loop is blocked gives none. */
const ANSWERS_WITHIN = 10_000;
/** Time in which the inspector is closed again, ms. */
const CLOSES_WITHIN = 5_000;

const FACTS = '({ pid: process.pid, node: process.version, script: process.argv[1] ?? "" })';

/** A running process with the probe in it. */
export class RunningProcess {
  readonly facts: ProcessFacts;
  readonly #client: InspectorClient;
  readonly #probe: string;
  readonly #opened: boolean;
  readonly #url: URL;

  /** @internal use {@link enter} */
  private constructor(
    client: InspectorClient,
    probe: string,
    rest: { facts: ProcessFacts; opened: boolean; url: URL },
  ) {
    this.#client = client;
    this.#probe = probe;
    this.facts = rest.facts;
    this.#opened = rest.opened;
    this.#url = rest.url;
  }

  /**
   * Opens the inspector if it is not, and puts the probe into the process.
   *
   * @throws LastfinError `LASTFIN_NO_PROCESS`, `LASTFIN_NOT_NODE`, `LASTFIN_NO_PERMISSION`, `LASTFIN_INSPECTOR`, `LASTFIN_PROBE`
   */
  static async enter(which: Which): Promise<RunningProcess> {
    const { url, opened } =
      'pid' in which ? await findInspector(which.pid) : await inspectorAt(which.inspect);
    const client = await InspectorClient.open(url);
    try {
      const facts = await factsOf(client);
      const probe = await client.hold(injection());
      return new RunningProcess(client, probe, { facts, opened, url });
    } catch (error) {
      await leave(client, url, opened);
      throw error;
    }
  }

  /** Begins a check. */
  async begin(): Promise<number> {
    return (await this.#client.call(this.#probe, 'begin')) as number;
  }

  /** The probe for a check. Its body runs here, not there. */
  get probe(): CheckedProcess {
    const call = (method: string, ...given: unknown[]): Promise<unknown> =>
      this.#client.call(this.#probe, method, ...given);
    return {
      baseline: async (check) => void (await call('baseline', check)),
      report: async (check, names) => (await call('report', check, names)) as string,
      run: (_, body) => body(),
      arm: async (check) => void (await call('arm', check)),
      explain: async () => (await call('explain')) as string,
      sourceMap: async (file) => (await call('sourceMap', file)) as string | null,
    };
  }

  /** Takes the probe out again, and closes the inspector if this has opened it. */
  async leave(): Promise<void> {
    await this.#client.call(this.#probe, 'leave').catch(() => undefined);
    await leave(this.#client, this.#url, this.#opened);
  }
}

async function factsOf(client: InspectorClient): Promise<ProcessFacts> {
  const answer = within(ANSWERS_WITHIN, 'an answer', client.evaluate(FACTS)).catch((cause: unknown) => {
    if (cause instanceof LastfinError && cause.code === 'LASTFIN_PROBE') throw cause;
    const text = `the process did not answer within ${ANSWERS_WITHIN / 1000} s: its event loop is blocked, or it is stopped`;
    throw new LastfinError('LASTFIN_PROBE', text, { cause });
  });
  const facts = (await answer) as Omit<ProcessFacts, 'workers'>;
  const event = 'NodeWorker.attachedToWorker';
  // tells of each thread that is there
  await client.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  await client.evaluate('0');
  const workers = client.count(event);
  await client.post('NodeWorker.disable');
  return { ...facts, workers };
}

/** Expression that gives the probe: the text of its entry, and that of its bundle. */
function injection(): string {
  const here = import.meta.url;
  // tests run the sources, and the probe is one bundled file
  const agent = new URL(here.endsWith('.ts') ? '../../dist/harness/probe/agent/' : '../probe/agent/', here);
  const url = new URL('preload.agent.cjs', agent);
  if (!existsSync(fileURLToPath(url)))
    throw new LastfinError('LASTFIN_PROBE', `the probe is not built: ${fileURLToPath(url)} is missing`);
  const entry = readFileSync(new URL('preload.attach.cjs', agent), 'utf8');
  const given = [readFileSync(url, 'utf8'), url.href].map((one) => JSON.stringify(one)).join(', ');
  return `((require, exports) => {${entry}\nreturn exports.attach(${given}); })(process.getBuiltinModule, {})`;
}

/** Inspector at an address that a person has given. @throws LastfinError `LASTFIN_USAGE`, `LASTFIN_INSPECTOR` */
async function inspectorAt(address: string): Promise<{ url: URL; opened: boolean }> {
  const text = /^\d+$/.test(address) ? `127.0.0.1:${address}` : address;
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^(?:https?|ws):$/.test(url.protocol))
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--inspect takes an address such as 127.0.0.1:9229, not \`${address}\``,
    );
  if (!isLoopback(url.hostname))
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--inspect reaches this machine only (127.0.0.1, ::1), not \`${url.hostname}\``,
    );
  const host = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname.replaceAll(/^\[|\]$/g, '');
  try {
    if (url.protocol === 'ws:' && url.pathname !== '/') return { url: withHost(url, host), opened: false };
    return { url: await pageOf({ host, port: Number(url.port || 80) }), opened: false };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LastfinError('LASTFIN_INSPECTOR', `there is no inspector at ${address}: ${why}`, { cause });
  }
}

function withHost(url: URL, host: string): URL {
  const other = new URL(url);
  other.hostname = host.includes(':') ? `[${host}]` : host;
  return other;
}

/** Ends the conversation; an inspector that this has opened is closed, which it can be only once nobody talks to it. */
async function leave(client: InspectorClient, url: URL, opened: boolean): Promise<void> {
  if (opened) {
    const close = 'setTimeout(() => process.getBuiltinModule("node:inspector").close(), 20), undefined';
    await client.evaluate(close).catch(() => undefined);
  }
  client.close();
  if (!opened) return;
  const end = performance.now() + CLOSES_WITHIN;
  const isOpen = (): Promise<boolean> =>
    pageOf({ host: url.hostname, port: Number(url.port) }).then(
      () => true,
      () => false,
    );
  while (performance.now() < end && (await isOpen())) await delay(20);
}
