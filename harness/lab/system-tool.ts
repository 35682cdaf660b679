import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';

/** Programs of the system that the lab uses, with their Debian packages. */
export const TOOL_PACKAGES = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  nsenter: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  umount: 'mount',
  ip: 'iproute2',
  tc: 'iproute2',
  ss: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  tcpdump: 'tcpdump',
} as const;

export type SystemTool = keyof typeof TOOL_PACKAGES;

/** Folders that may have the programs although an ordinary user's PATH lacks them. */
const MORE_FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Time limit of such a program, ms: they usually need a few, but not on every machine. */
const DEADLINE = 60_000;

/** Absolute path of a program, from the PATH or the system's own folders; `undefined` if there is none. */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...MORE_FOLDERS];
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

/** Path of a tool that must exist. @throws LastfinError `LASTFIN_LAB` that names the package */
export function toolPath(tool: SystemTool): string {
  const found = findProgram(tool);
  if (found !== undefined) return found;
  throw new LastfinError(
    'LASTFIN_LAB',
    `no \`${tool}\` here: the package \`${TOOL_PACKAGES[tool]}\` has it`,
    {
      facts: { tool },
    },
  );
}

/**
 * Runs a command to its end; resolves with its stdout. Rejects with `LASTFIN_LAB` and its stderr if it fails.
 *
 * @param command absolute path and arguments
 */
export function runTool(command: readonly string[], input = ''): Promise<string> {
  const [file = '', ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: DEADLINE,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // a program that ends without reading its input explains itself by its exit code
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (cause) => {
      reject(failure(command, cause.message, input, cause));
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(failure(command, `${signal ?? `exit code ${code}`}: ${stderr.trim()}`, input));
    });
  });
}

function failure(command: readonly string[], why: string, input: string, cause?: unknown): LastfinError {
  const what = `\`${command.join(' ')}\` failed: ${why}${input === '' ? '' : `\ninput:\n${input}`}`;
  return new LastfinError('LASTFIN_LAB', what, { facts: { command: [...command], input }, cause });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // not there, or not for us
    return false;
  }
}
