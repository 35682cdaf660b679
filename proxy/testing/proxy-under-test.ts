import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'vitest';
import type { Clock } from '../clock/clock.ts';
import type { ConnectionEnd } from '../connection/connection-end.ts';
import { CONNECTION_END_CHANNEL } from '../observe/diagnostics.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import { tcpListener } from '../settings.ts';
import type { ProxySettings } from '../settings.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { within } from './peers.ts';

export type ProxyUnderTest = {
  proxy: TcpProxy;
  port: number;
  /** log lines so far */
  lines: Record<string, unknown>[];
  /** waits until this many connections have ended */
  ends: (count: number) => Promise<ConnectionEnd[]>;
  /** closes the proxy and checks the invariants that hold after every run */
  finish: () => Promise<void>;
};

/** Starts a proxy in this process, in front of `upstreamPort`; limits are off unless given. */
export async function startProxy(
  upstreamPort: number,
  settings: Partial<ProxySettings> = {},
  { clock, logger }: { clock?: Clock; logger?: ProxyLogger } = {},
): Promise<ProxyUnderTest> {
  const lines: Record<string, unknown>[] = [];
  const write = (fields: Record<string, unknown>): void => void lines.push(fields);
  const proxy = new TcpProxy(
    {
      listeners: tcpListener({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: upstreamPort }),
      initialTimeout: 0,
      inactivityTimeout: 0,
      halfOpenTimeout: 0,
      maxLifetime: 0,
      ...settings,
    },
    { logger: logger ?? { info: write, warn: write, error: write }, ...(clock && { clock }) },
  );
  const port = (await proxy.listen())[0]!.port;
  const ended: ConnectionEnd[] = [];
  let wake = (): void => {};
  const onEnd = (message: unknown): void => {
    ended.push(message as ConnectionEnd);
    checkInvariants(proxy);
    wake();
  };
  subscribe(CONNECTION_END_CHANNEL, onEnd);
  const untilEnded = async (count: number): Promise<ConnectionEnd[]> => {
    while (ended.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return ended;
  };
  return {
    proxy,
    port,
    lines,
    ends: (count) => within(`${count} ended connections`, untilEnded(count), 10_000),
    async finish() {
      await within('close', proxy.close());
      unsubscribe(CONNECTION_END_CHANNEL, onEnd);
      checkInvariants(proxy);
      expect(proxy.connectionCount()).toBe(0);
      const ofEnds = lines.filter(({ event, attempt }) => event === 'connection_end' && attempt !== true);
      if (logger === undefined) expect(ofEnds.length).toBe(proxy.statistics().accepted);
    },
  };
}

/** Checks the conservation invariants, which hold at any instant. */
export function checkInvariants(proxy: TcpProxy): void {
  const { accepted, active, outgoingCreated, activeOutgoing, terminations } = proxy.statistics();
  const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  expect(sum(terminations.incoming) + active).toBe(accepted);
  expect(sum(terminations.outgoing) + activeOutgoing).toBe(outgoingCreated);
}
