import { expect, test } from 'vitest';

import { dropFilter } from './drop-packets.ts';

/** Instructions of a filter's program as [opcode, jump if true, jump if false, constant]. */
function programOf(words: readonly string[]): number[][] {
  const [count, ...lines] = (words.at(-1) ?? '').split(',');
  const instructions = lines.map((line) => line.split(' ').map(Number));
  expect(instructions).toHaveLength(Number(count));
  return instructions;
}

test('a program drops what meets every condition: each one that is not met jumps to the end that lets it pass', () => {
  const program = programOf(
    dropFilter('lo', 1, {
      version: 6,
      field: 'dport',
      port: 9001,
      address: { field: 'daddr', ip: 'fd00:199:9::1' },
      share: 0.5,
    }),
  );
  const pass = program.length - 1;
  expect(program.slice(-2).map(([, , , constant]) => constant)).toEqual([2, 0xffff_ffff]);
  for (const [index, [opcode, ifTrue = 0, ifFalse = 0]] of program.entries()) {
    if (opcode === 0x15) expect(index + 1 + ifFalse).toBe(pass);
    if (opcode === 0x35) expect(index + 1 + ifTrue).toBe(pass);
  }
  const constants = program.filter(([opcode]) => opcode === 0x15).map(([, , , constant]) => constant);
  expect(constants).toEqual([6, 6, 0xfd00_0199, 0x0009_0000, 0, 1, 9001]);
});

test('an IPv4 address is one word', () => {
  const program = programOf(
    dropFilter('lo', 1, {
      version: 4,
      field: 'sport',
      port: 80,
      address: { field: 'saddr', ip: '10.199.9.1' },
    }),
  );
  expect(program.map(([, , , constant]) => constant)).toContain(0x0ac7_0901);
});
