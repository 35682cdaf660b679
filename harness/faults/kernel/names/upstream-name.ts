import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Network } from '../../../lab/network/network.ts';
import type { Teardown } from '../../../lab/teardown.ts';
import type { Family } from '../../../scenario/trigger.ts';
import { NAME_SERVER, NameServer } from './name-server.ts';

/** Name of the upstream in cases with several addresses; `.test` leads nowhere outside (RFC 6761). */
export const UPSTREAM_NAME = 'upstream.test';

/**
 * Resolver configuration files, each covered for the whole mount namespace. A silent server is given up after one second, and only
 * files and this name server are consulted: other services would answer from outside the namespace.
 */
const FILES: Readonly<Record<string, string>> = {
  '/etc/resolv.conf': `nameserver ${NAME_SERVER}\noptions timeout:1 attempts:1\n`,
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Folders of the Unix sockets of nscd and systemd-resolved, which a network namespace does not isolate. */
const DAEMONS = ['/run/nscd', '/var/run/nscd', '/run/systemd/resolve'];

/** Address by index; not a loopback one, since a resolver with only loopback addresses of a family does not query it. */
const addressOf = (family: Family, index: number): string =>
  family === 'ipv4' ? `10.199.9.${index + 1}` : `fd00:199:9::${index + 1}`;

/**
 * Gives the upstream a name with these addresses, on the loopback of a namespace, and a name server that the target will ask.
 * Everything is handed to `teardown` at once.
 */
export async function nameUpstream(
  network: Network,
  families: readonly Family[],
  teardown: Teardown,
): Promise<{ addresses: string[]; names: NameServer }> {
  const addresses = families.map(addressOf);
  for (const address of addresses) {
    const at = address.includes(':')
      ? [`${address}/128`, 'dev', 'lo', 'nodad']
      : [`${address}/32`, 'dev', 'lo'];
    await network.run('ip', ['address', 'add', ...at]);
    teardown.add(
      `the address ${address}`,
      async () => void (await network.run('ip', ['address', 'del', ...at.slice(0, 3)])),
    );
  }
  const names = await NameServer.start(network, UPSTREAM_NAME, addresses);
  teardown.add('the name server', () => names.close());
  await coverFiles(network, teardown);
  return { addresses, names };
}

async function coverFiles(network: Network, teardown: Teardown): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lastfin-names-'));
  teardown.add('the files of the resolver', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const cover = async (over: string, kind: string, words: string[]): Promise<void> => {
    await network.run('mount', words);
    teardown.add(`the ${kind} over ${over}`, async () => void (await network.run('umount', [over])));
  };
  for (const daemon of new Set(DAEMONS.filter((one) => existsSync(one)).map((one) => realpathSync(one)))) {
    await cover(daemon, 'empty folder', ['-t', 'tmpfs', 'lastfin', daemon]);
  }
  for (const [file, text] of Object.entries(FILES)) {
    const ours = path.join(folder, path.basename(file));
    writeFileSync(ours, text);
    const over = place(file);
    if (over === undefined) continue;
    await cover(over, 'file', ['--bind', ours, over]);
    if (readFileSync(file, 'utf8') !== text) throw new Error(`${file} was not covered`);
  }
}

/** Place for a file that covers the name. Below a folder that was just covered it is created; files that the system lacks are skipped. */
function place(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch (error) {
    const { code, path: missing } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || missing === undefined || !missing.startsWith('/run/')) return undefined;
    mkdirSync(path.dirname(missing), { recursive: true });
    writeFileSync(missing, '');
    return missing;
  }
}
