import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';

import { type CaseFiles, isBelow } from './files-of-case.ts';

/** Most folders that are watched: a program's own source has fewer. */
const MOST = 2_000;
/** Folders and files that no program is made of. */
const LEFT_OUT = /^(?:node_modules|coverage|\..*)$|\.(?:log|pid|sock|tmp|swp)$|~$/;

/** Watches the folders of files and programs, by Node's `fs.watch`, which reports changes of a folder's own entries. */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #followed: readonly CaseFiles[] = [];
  readonly #onChange: (file: string) => void;
  readonly #without: string;

  /** @param without folder whose changes are none, such as the one of the reports */
  constructor(onChange: (file: string) => void, without: string) {
    this.#onChange = onChange;
    this.#without = path.resolve(without);
  }

  /** Files and folders that were asked for last. */
  get followed(): readonly CaseFiles[] {
    return this.#followed;
  }

  /** Watches these from here on, and nothing else. */
  follow(all: readonly CaseFiles[]): void {
    this.#followed = all;
    const wanted = new Set(all.flatMap(({ files }) => files.map((file) => path.dirname(file))));
    for (const folder of new Set(all.flatMap(({ folders }) => folders))) this.#addBelow(folder, wanted);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #addBelow(folder: string, into: Set<string>): void {
    if (into.size >= MOST || isBelow(folder, this.#without) || !isFolder(folder)) return;
    into.add(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !LEFT_OUT.test(entry.name))
        this.#addBelow(path.join(folder, entry.name), into);
    }
  }

  #watch(folder: string): void {
    if (!isFolder(folder)) return;
    const watcher = watch(folder, (_, name) => {
      const file = path.join(folder, name ?? '');
      if (name !== null && !LEFT_OUT.test(name) && !isBelow(file, this.#without)) this.#onChange(file);
    });
    // the folder is gone; it is looked for again when something else changes
    watcher.on('error', () => {
      watcher.close();
      this.#watchers.delete(folder);
    });
    this.#watchers.set(folder, watcher);
  }
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}
