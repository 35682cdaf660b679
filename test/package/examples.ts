import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A piece of documentation that a reader may copy. */
export type Example = { file: string; line: number; text: string };

/** Folders whose sources are in the package. */
const ROOMS = ['harness', 'proxy', 'shared'];

/** Command lines that README and docs show: in `sh` blocks, indented, and in backticks. */
export function commandLines(): Example[] {
  return pages().flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    let block: string | undefined;
    return lines.flatMap((text, index): Example[] => {
      const [, fence] = /^```(\w*)/.exec(text) ?? [];
      if (fence !== undefined) block = block === undefined ? fence : undefined;
      const at = (command: string): Example => ({ file, line: index + 1, text: withoutRemark(command) });
      if (block === 'sh' && fence === undefined && text.trim() !== '') return [at(text)];
      if (block !== undefined) return [];
      if (/^ {4}(npx |npm |lastfin)/.test(text)) return [at(text.trim())];
      return [...text.matchAll(/`((?:npx lastfin|source <)[^`]*)`/g)].map(([, command = '']) => at(command));
    });
  });
}

/** Blocks of a language in README and docs. */
export function blocks(language: string): Example[] {
  return pages().flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => ({
      file,
      line: text.slice(0, match.index).split('\n').length,
      text: match[1] ?? '',
    }));
  });
}

/** Everything that is to run: `@example`s of the sources, blocks of JavaScript and TypeScript in README and docs. */
export function runnableExamples(): Example[] {
  return [...sourceExamples(), ...['js', 'ts'].flatMap((language) => blocks(language))];
}

/** Examples as a user writes them: they import from the package. */
export function publicExamples(): Example[] {
  return runnableExamples().filter(({ text }) => /^import .* from 'lastfin/m.test(text));
}

/** The `@example`s of all sources in the package. */
function sourceExamples(): Example[] {
  const files = ROOMS.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing'))
      .map((file) => path.join(room, file)),
  );
  return ['index.ts', ...files].flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/@example\n((?:[ \t]*\*(?!\/| @).*\n)+)/g)].map((match) => ({
      file,
      line: text.slice(0, match.index).split('\n').length,
      text: (match[1] ?? '').replaceAll(/^[ \t]*\* ?/gm, '').trim(),
    }));
  });
}

function pages(): string[] {
  const docs = readdirSync('docs').filter((file) => file.endsWith('.md'));
  return ['README.md', ...docs.map((file) => path.join('docs', file))];
}

/** A remark stands after two spaces, as in `npx lastfin doctor   what this machine can do`, or after `#`. */
function withoutRemark(command: string): string {
  return (
    command
      .replace(/\s+#.*$/, '')
      .split(/ {2,}/)[0]
      ?.trim() ?? ''
  );
}
