import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Command } from './rule-set.ts';

/** Folders of system administration programs such as nft, which are not in every PATH. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

type Result = { code: number | null; stdout: string; stderr: string };

/** Starts a network program of the system. */
export function startTool(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(command, args, { ...options, env: { ...process.env, PATH, LC_ALL: 'C' } });
}

/** Runs a network program. @throws if it cannot be started; its failures are in the result */
export async function runTool(command: string, args: readonly string[], input = ''): Promise<Result> {
  const child = startTool(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  // a program that exits before it has read everything is judged by its exit code
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(input);
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, stdout, stderr };
}

/**
 * Runs nft commands as one transaction: all of them or none.
 *
 * @throws LastfinError `LASTFIN_NFTABLES`
 */
export async function transact(commands: readonly Command[]): Promise<void> {
  // nft opens /dev/stdin by name, which Linux refuses for the socket that Node gives a child: cat makes it a pipe
  const result = await runNft('sh', ['-c', 'cat | nft -j -f -'], JSON.stringify({ nftables: commands }));
  if (result.code !== 0) throw nftError('cannot install the rules', result);
}

/** Objects of a table; undefined if it does not exist. @throws LastfinError `LASTFIN_NFTABLES` */
export async function listTable(name: string): Promise<Record<string, unknown>[] | undefined> {
  const result = await runNft('nft', ['-j', 'list', 'table', 'inet', name]);
  if (result.code === 0) return parse(result.stdout);
  if (result.stderr.includes('No such file')) return undefined;
  throw nftError(`cannot list the table ${name}`, result);
}

/** Names of the tables of the family `inet`. @throws LastfinError `LASTFIN_NFTABLES` */
export async function tableNames(): Promise<string[]> {
  const result = await runNft('nft', ['-j', 'list', 'tables', 'inet']);
  if (result.code !== 0) throw nftError('cannot list the tables', result);
  return parse(result.stdout).flatMap(({ table }) => {
    const { name } = (table ?? {}) as { name?: unknown };
    return typeof name === 'string' ? [name] : [];
  });
}

async function runNft(command: string, args: string[], input?: string): Promise<Result> {
  try {
    return await runTool(command, args, input);
  } catch (cause) {
    throw missing(cause);
  }
}

function parse(output: string): Record<string, unknown>[] {
  return (JSON.parse(output) as { nftables: Record<string, unknown>[] }).nftables;
}

function missing(cause?: unknown): LastfinError {
  const message =
    'an `engine: nftables` route needs the program `nft`, which is not in PATH, /usr/sbin or /sbin: install the package nftables';
  return new LastfinError('LASTFIN_NFTABLES', message, { cause });
}

function nftError(what: string, { code, stderr }: Result): LastfinError {
  if (code === 127) return missing();
  const said = stderr.trim();
  const facts = { code, stderr: said };
  if (/not permitted|permission denied/i.test(said)) {
    const message = `${what}: an \`engine: nftables\` route needs the capability CAP_NET_ADMIN in the network namespace of the proxy`;
    return new LastfinError('LASTFIN_NFTABLES', message, { facts });
  }
  return new LastfinError('LASTFIN_NFTABLES', `${what}: nft says: ${said}`, { facts });
}
