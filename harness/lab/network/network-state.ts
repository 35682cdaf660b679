import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { findProgram, runTool } from '../system-tool.ts';

/** Commands that list what a fault may change; a missing tool cannot have changed anything. */
const QUESTIONS: readonly (readonly ['ip' | 'nft' | 'tc', ...string[]])[] = [
  ['ip', '-o', 'link'],
  ['ip', '-o', 'address'],
  ['ip', 'rule'],
  ['ip', '-6', 'rule'],
  ['ip', 'route', 'show', 'table', 'all'],
  ['ip', '-6', 'route', 'show', 'table', 'all'],
  ['nft', 'list', 'ruleset'],
  ['tc', 'qdisc'],
];

const SYSCTLS = '/proc/sys/net/ipv4';

/** State of the present network namespace as text: links, addresses, rules, routes, tables, queues and sysctls. */
export async function networkState(): Promise<string> {
  const commands = QUESTIONS.flatMap(([tool, ...rest]) => {
    const found = findProgram(tool);
    return found === undefined ? [] : [[found, ...rest].join(' ')];
  });
  const answers = await runTool([
    '/bin/sh',
    '-c',
    commands.map((one) => `echo '# ${one}'; ${one}`).join('; '),
  ]);
  return `${answers}\n${sysctls()}`;
}

/** Lines that only one of two states has, marked `-` (gone) and `+` (new); empty if they are equal. */
export function stateDifference(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const gone = was.filter((line) => !is.includes(line)).map((line) => `- ${line}`);
  const added = is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...added].join('\n');
}

function sysctls(): string {
  const lines: string[] = [];
  for (const name of readdirSync(SYSCTLS)) {
    if (!/^(tcp|ip|icmp)_/.test(name)) continue;
    try {
      lines.push(`${name} = ${readFileSync(path.join(SYSCTLS, name), 'utf8').trim()}`);
    } catch {
      // some may only be read, and changed, by the machine's administrator
    }
  }
  return lines.join('\n');
}
