import { randomUUID } from 'node:crypto';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { SnapshotText } from './snapshot-text.ts';
import { takeSnapshot } from './take-snapshot.ts';

test('reads of a real snapshot what JSON.parse reads', async () => {
  const key = `"},]\n\\ "nodes":[ ${process.pid}`;
  Object.assign(globalThis, { lastfinHeld: { [key]: 1, ['ü 漢']: 2 } });
  const wrapped = vm.runInThisContext('const wrapper = 1; () => wrapper', {
    columnOffset: -25,
  }) as () => number;
  const bytes = await takeSnapshot();
  expect(wrapped()).toBe(1);
  Reflect.deleteProperty(globalThis, 'lastfinHeld');
  const whole = JSON.parse(bytes.toString()) as {
    snapshot: { meta: object };
    nodes: number[];
    edges: number[];
    locations: number[];
    strings: string[];
  };
  const text = new SnapshotText(bytes);
  // a script may begin left of its first column
  expect(whole.locations.some((number) => number < 0 || number > 2 ** 31)).toBe(true);
  expect(text.meta).toEqual(whole.snapshot.meta);
  for (const section of ['nodes', 'edges', 'locations'] as const) {
    const [read, expected] = [text[section], Uint32Array.from(whole[section])];
    expect(
      Buffer.from(read.buffer, read.byteOffset, read.byteLength).equals(Buffer.from(expected.buffer)),
    ).toBe(true);
  }
  const different = whole.strings.findIndex((string, index) => text.string(index) !== string);
  expect(different).toBe(-1);
  expect(text.string(whole.strings.length)).toBe('');
  const at = whole.strings.indexOf(key);
  expect(at).toBeGreaterThan(0);
  expect(text.indexOf(key)).toBe(at);
  expect(text.indexOf(randomUUID())).toBe(-1);
});
