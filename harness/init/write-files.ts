import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Outcome of writing a file. */
export type Written = { file: string; done: 'written' | 'replaced' | 'left alone' | 'extended' };

/** Writes a file into a folder; an existing one is replaced only by force. */
export function writeNew(folder: string, file: string, text: string, force: boolean): Written {
  const target = path.join(folder, file);
  const isThere = existsSync(target);
  if (isThere && !force) return { file, done: 'left alone' };
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  return { file, done: isThere ? 'replaced' : 'written' };
}

/** Adds a line to a file such as .gitignore, which is made where it is missing, unless the line is there. */
export function addLine(folder: string, file: string, line: string): Written {
  const target = path.join(folder, file);
  const text = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  const forms = [line, line.replace(/\/$/, ''), `/${line}`, `/${line.replace(/\/$/, '')}`];
  if (text !== undefined && text.split(/\r?\n/).some((one) => forms.includes(one.trim())))
    return { file, done: 'left alone' };
  writeFileSync(
    target,
    `${text === undefined || text === '' || text.endsWith('\n') ? (text ?? '') : `${text}\n`}${line}\n`,
  );
  return { file, done: text === undefined ? 'written' : 'extended' };
}
