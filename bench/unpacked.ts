import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { execa } from 'execa';

/** A project with the packed package in its `node_modules`, beside links to the packages of this checkout: no registry is asked. */
export async function unpack(): Promise<{ folder: string; done: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-runners-'));
  const modules = path.join(folder, 'node_modules');
  const own = path.join(modules, 'lastfin');
  await mkdir(own, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "name": "my-tests", "private": true }');
  const packed = await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]);
  const tarball = path.join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
  await execa('tar', ['xzf', tarball, '--strip-components', '1', '-C', own]);
  for (const name of await readdir('node_modules')) {
    if (name === 'lastfin' || name.startsWith('.')) continue;
    await symlink(path.resolve('node_modules', name), path.join(modules, name));
  }
  return { folder, done: () => rm(folder, { recursive: true, force: true }) };
}
