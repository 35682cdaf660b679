import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

import { ALL_ABILITIES } from '../../lab/abilities.ts';
import { examineMachine, type Lacks } from '../../lab/machine.ts';
import { inNamespace } from '../../lab/network/namespace.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Family, Trigger } from '../../scenario/trigger.ts';
import { wayHere } from '../ways.ts';

const machine = await examineMachine(ALL_ABILITIES);
const { namespace: obstacle } = machine;
if (obstacle !== undefined) console.warn(`skipped: ${obstacle.why}; to fix it: ${obstacle.fix}`);

/** With LASTFIN_REQUIRE_ALL a machine that cannot do this fails. */
const requireAll = process.env['LASTFIN_REQUIRE_ALL'] === '1';

const nft = { what: 'nft', fix: 'install the package nftables' };
const NO_NFT: Lacks = { 'nft-drop': nft, 'nft-reject': nft, 'nft-random': nft, 'nft-limit': nft };

type Plan = {
  kind: NetworkKind;
  fault: KernelFault;
  phase: 'connect' | 'connect-many' | 'sending' | 'peer-sending' | 'idle';
  family?: Family;
  addresses?: Family[];
  count?: number;
  bytes?: number;
  until?: 'peer' | 'arrived';
  peer?: boolean;
};

const FIXTURE = fileURLToPath(new URL('fixtures/error-codes.mjs', import.meta.url));

/** Makes the fault in a namespace of its own, with a real target and real peers; gives what they saw. */
async function seenWith(plan: Plan, lacks: Lacks): Promise<Record<string, unknown>> {
  const [command, ...words] = inNamespace([process.execPath, FIXTURE, JSON.stringify({ ...plan, lacks })]);
  const { stdout } = await promisify(execFile)(command, words, { timeout: 60_000 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The way in which a plan's fault is made; `undefined` where there is none. */
function wayOf({ fault, phase, family = 'ipv4', addresses = [] }: Plan, lacks: Lacks): string | undefined {
  const when: Trigger = phase.startsWith('connect') ? { at: 'connect' } : { at: 'opened', count: 1 };
  const index = 'address' in fault ? fault.address : undefined;
  const about = index === undefined ? family : (addresses[index - 1] ?? family);
  return wayHere({ ...fault, when }, about, lacks)?.by;
}

const error = (code: string, syscall: string) => ({ saw: 'error', code, syscall });
const upstream = { side: 'upstream', simulate: false } as const;
const client = { side: 'client', simulate: false } as const;

/** ms that the kernel waits at least before it gives up: what is sooner is another error. */
const LEAST_PATIENCE = 500;

describe
  .skipIf(obstacle !== undefined && !requireAll)
  .concurrent('the error that the target sees, and that it is healed', () => {
    /** Each plan is run in the way that is preferred, and in the one that is left without nft: both must be alike. */
    const one = (name: string, plan: Plan, expected: Record<string, unknown>): void => {
      const preferred = wayOf(plan, {});
      const without = wayOf(plan, NO_NFT);
      check(`${name} (${preferred})`, plan, {}, expected);
      if (without !== undefined && without !== preferred)
        check(`${name} (${without})`, plan, NO_NFT, expected);
    };
    const check = (name: string, plan: Plan, lacks: Lacks, expected: Record<string, unknown>): void => {
      const isMade = wayOf(plan, lacks) === wayOf(plan, { ...machine.lacks, ...lacks });
      test.skipIf(!isMade && !requireAll)(name, { timeout: 90_000 }, async () => {
        const { took, ...seen } = await seenWith(plan, lacks);
        expect(seen).toEqual({ ...expected, healed: true });
        if (JSON.stringify(expected).includes('ETIMEDOUT')) expect(took).toBeGreaterThan(LEAST_PATIENCE);
      });
    };
    const single = { kind: 'single' } as const;

    for (const family of ['ipv4', 'ipv6'] as const) {
      for (const [as, code] of [
        ['host', 'EHOSTUNREACH'],
        ['network', 'ENETUNREACH'],
        ['prohibited', 'EACCES'],
      ] as const) {
        one(
          `unreachable (${as}), connecting, ${family}`,
          { ...single, family, phase: 'connect', fault: { kind: 'unreachable', as, ...upstream } },
          { target: error(code, 'connect') },
        );
      }
      one(
        `timeout, connecting, ${family}`,
        { ...single, family, phase: 'connect', fault: { kind: 'timeout', drop: 'input', ...upstream } },
        { target: error('ETIMEDOUT', 'connect') },
      );
      one(
        `unreachable upstream, established, ${family}`,
        { ...single, family, phase: 'sending', fault: { kind: 'unreachable', as: 'host', ...upstream } },
        { target: error('EHOSTUNREACH', 'read') },
      );
      one(
        `unreachable client, established, ${family}`,
        { ...single, family, phase: 'sending', fault: { kind: 'unreachable', as: 'network', ...client } },
        { target: error('ENETUNREACH', 'read') },
      );
      one(
        `firewall reset of what the target sends: it sees it, the peer nothing, ${family}`,
        { ...single, family, phase: 'sending', peer: true, fault: { kind: 'firewall-reset', ...upstream } },
        { target: error('ECONNRESET', 'read'), peer: { saw: 'nothing' } },
      );
      one(
        `aborted: the peer gets RST, ${family}`,
        { ...single, family, phase: 'idle', until: 'peer', fault: { kind: 'abort', ...upstream } },
        { peer: error('ECONNRESET', 'read') },
      );
    }
    one(
      'prohibited, established, IPv4: the kernel has no such answer',
      { ...single, phase: 'sending', fault: { kind: 'unreachable', as: 'prohibited', ...upstream } },
      { target: error('ETIMEDOUT', 'read') },
    );
    one(
      'prohibited, established, IPv6',
      {
        ...single,
        family: 'ipv6',
        phase: 'sending',
        fault: { kind: 'unreachable', as: 'prohibited', ...upstream },
      },
      { target: error('EACCES', 'read') },
    );
    for (const drop of ['input', 'output'] as const) {
      one(
        `timeout, established, sending, ${drop}`,
        { ...single, phase: 'sending', fault: { kind: 'timeout', drop, ...client } },
        { target: error('ETIMEDOUT', 'read') },
      );
    }
    one(
      'timeout, one way only: the answers are lost',
      {
        ...single,
        phase: 'sending',
        fault: { kind: 'timeout', drop: 'input', direction: 'to-client', ...upstream },
      },
      { target: error('ETIMEDOUT', 'read') },
    );
    one(
      'timeout, established, idle with keep-alive',
      { ...single, phase: 'idle', fault: { kind: 'timeout', drop: 'input', ...client } },
      { target: error('ETIMEDOUT', 'read') },
    );
    one(
      'firewall reset of what the peer sends: the peer sees it',
      {
        ...single,
        phase: 'peer-sending',
        until: 'peer',
        fault: { kind: 'firewall-reset', direction: 'to-client', ...upstream },
      },
      { peer: error('ECONNRESET', 'read') },
    );
    one(
      'aborted: the target',
      { ...single, phase: 'idle', fault: { kind: 'abort', ...client } },
      { target: error('ECONNABORTED', 'read') },
    );
    one(
      'loss: all arrives all the same',
      {
        ...single,
        phase: 'sending',
        bytes: 1 << 20,
        until: 'arrived',
        fault: { kind: 'loss', share: 0.1, side: 'upstream' },
      },
      { target: { saw: 'arrived', whole: true } },
    );
    one(
      'rate: all arrives all the same',
      {
        ...single,
        phase: 'sending',
        bytes: 1 << 20,
        until: 'arrived',
        fault: { kind: 'rate', bytes: 1 << 20, side: 'client' },
      },
      { target: { saw: 'arrived', whole: true } },
    );
    for (const left of [0, 1, 3]) {
      one(
        `ports: ${left} left`,
        { kind: 'hosts', phase: 'connect-many', count: 6, fault: { kind: 'ports', left, simulate: false } },
        { connected: left, target: error('EADDRNOTAVAIL', 'connect') },
      );
    }
    for (const left of [0, 3]) {
      one(
        `descriptors: ${left} left`,
        { ...single, phase: 'connect-many', count: 6, fault: { kind: 'descriptors', left, simulate: false } },
        { connected: left, target: error('EMFILE', 'connect') },
      );
    }
    for (const [answer, code] of [
      ['nxdomain', 'ENOTFOUND'],
      ['servfail', 'EAI_AGAIN'],
      ['refused', 'EAI_AGAIN'],
      ['silent', 'EAI_AGAIN'],
    ] as const) {
      one(
        `dns: ${answer}`,
        {
          ...single,
          phase: 'connect',
          addresses: ['ipv4'],
          fault: { kind: 'dns', answer, delay: 1, simulate: false },
        },
        { target: error(code, 'getaddrinfo') },
      );
    }
    one(
      'dns: slow',
      {
        ...single,
        phase: 'connect',
        addresses: ['ipv6', 'ipv4'],
        fault: { kind: 'dns', answer: 'slow', delay: 300, simulate: false },
      },
      { target: { saw: 'connect' } },
    );
    one(
      'happy eyeballs: one address is unreachable, the other answers',
      {
        ...single,
        phase: 'connect',
        addresses: ['ipv6', 'ipv4'],
        fault: { kind: 'unreachable', as: 'host', address: 1, ...upstream },
      },
      { target: { saw: 'connect' } },
    );
    for (const [cut, kind] of [
      ['client', 'hosts'],
      ['upstream', 'hosts'],
      ['upstream', 'routed'],
    ] as const) {
      one(
        `${cut} cable pulled, sending (${kind})`,
        { kind, phase: 'sending', fault: { kind: 'cable', cut } },
        { target: error('ETIMEDOUT', 'read') },
      );
    }
    one(
      'own interface down, sending',
      { kind: 'hosts', phase: 'sending', fault: { kind: 'interface', side: 'client' } },
      { target: error('ETIMEDOUT', 'read') },
    );
    one(
      'own interface down, connecting',
      { kind: 'hosts', phase: 'connect', fault: { kind: 'interface', side: 'upstream' } },
      { target: error('ENETUNREACH', 'connect') },
    );
  });
