import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';

import type { Want } from '../want.ts';
import { ABILITIES, type Ability } from './abilities.ts';
import { inNamespace, namespaceObstacle, type Obstacle } from './network/namespace.ts';
import { compiled } from '../../shared/package-root.ts';
import { findProgram, runTool, TOOL_PACKAGES } from './system-tool.ts';

/** Abilities that were tried and do not work here. */
export type Lacks = Partial<Record<Ability, Want>>;

/** Knowledge of the machine, asked once before a run. */
export type Machine = {
  /** why cases cannot have a network of their own; absent where they can */
  namespace?: Obstacle;
  lacks: Lacks;
};

/** Result of one ability that was tried: what was seen, or why it failed. */
export type Tried = { ability: Ability; works: boolean; says: string };

/**
 * Asks the machine what it can do, by trying it: only what is asked for, since each try takes a few ms.
 *
 * @example
 * const { lacks } = await examineMachine(['nft-reject', 'abort']);
 * const want = lacks['nft-reject']; // undefined where it works, else such as { what: 'nft', fix: 'install the package nftables' }
 */
export async function examineMachine(asked: Iterable<Ability> = []): Promise<Machine> {
  const obstacle = await namespaceObstacle();
  const tried = await tryAbilities([...asked], obstacle);
  return { ...(obstacle === undefined ? {} : { namespace: obstacle }), lacks: lacksOf(tried) };
}

/** Tries abilities where they belong; those of a namespace are left out where there is none. */
export async function tryAbilities(
  asked: readonly Ability[],
  obstacle: Obstacle | undefined,
): Promise<Tried[]> {
  const here: Tried[] = [];
  const inside: Ability[] = [];
  for (const ability of asked) {
    const missing = missingTool(ability);
    if (missing !== undefined) here.push({ ability, works: false, says: `no \`${missing}\` here` });
    else if (ABILITIES[ability].where === 'machine') here.push(await tryOnMachine(ability));
    else inside.push(ability);
  }
  if (inside.length === 0 || obstacle !== undefined) return here;
  const script = [process.execPath, compiled('harness/lab/examine-main.js'), ...inside];
  return [...here, ...(JSON.parse(await runTool(inNamespace(script))) as Tried[])];
}

function lacksOf(tried: readonly Tried[]): Lacks {
  const failed = tried.filter(({ works }) => !works);
  return Object.fromEntries(failed.map(({ ability }) => [ability, wantOf(ability)]));
}

/** Missing program or kernel feature behind an ability that does not work here, and how to add it. */
export function wantOf(ability: Ability): Want {
  const { short, fix } = ABILITIES[ability];
  const tool = missingTool(ability);
  return tool === undefined
    ? { what: short, fix }
    : { what: tool, fix: `install the package ${TOOL_PACKAGES[tool]}` };
}

function missingTool(ability: Ability): keyof typeof TOOL_PACKAGES | undefined {
  return ABILITIES[ability].tools.find((tool) => findProgram(tool) === undefined);
}

async function tryOnMachine(ability: Ability): Promise<Tried> {
  try {
    const says = await lookAtMachine(ability);
    return { ability, works: true, says };
  } catch (error) {
    return { ability, works: false, says: (error as Error).message };
  }
}

async function lookAtMachine(ability: Ability): Promise<string> {
  if (ability === 'machine-ipv6') return listenOnIPv6();
  if (ability === 'descriptors') return lookAtDescriptors();
  readFileSync('/proc/self/net/tcp');
  return 'lists connections';
}

async function listenOnIPv6(): Promise<string> {
  const server = net.createServer().listen(0, '::1');
  await once(server, 'listening');
  server.close();
  return 'listens on ::1';
}

function lookAtDescriptors(): string {
  return `${readdirSync(`/proc/${process.pid}/fd`).length} of our own in /proc`;
}
