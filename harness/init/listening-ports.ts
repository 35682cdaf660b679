import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/** TCP ports that a process or its children listen on, lowest first; empty where there is no /proc. */
export function listeningPorts(pid: number): number[] {
  const inodes = new Set(withChildren(pid).flatMap(socketsOf));
  const rows = ['tcp', 'tcp6'].flatMap((table) => lines(`/proc/${pid}/net/${table}`).slice(1));
  const ports = rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return state === LISTEN && inodes.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

function withChildren(pid: number): number[] {
  const children = lines(`/proc/${pid}/task/${pid}/children`)
    .flatMap((line) => line.trim().split(' '))
    .filter((text) => text !== '')
    .map(Number);
  return [pid, ...children.flatMap(withChildren)];
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [],
    );
  } catch {
    // the process is gone, or another user's
    return [];
  }
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
