import { describe, expect, test } from 'vitest';
import { embedded, type Bench } from './testing/subjects.ts';

/** Tells which of 20 connections, made one after the other, a toxicity of a half hits. */
async function hits(bench: Bench): Promise<string> {
  const { pair } = await bench.proxy({ toxics: [{ type: 'limit_data', toxicity: 0.5 }] });
  let pattern = '';
  for (let at = 0; at < 20; at++) {
    const { client, server } = await pair();
    server.write('x');
    await Promise.race([client.ended, client.received(1)]);
    pattern += client.bytes === 0 ? '1' : '0';
  }
  return pattern;
}

describe('seed', () => {
  const patterns: string[] = [];

  describe.each([{ seed: 7 }, { seed: 7n }, { seed: 8 }])('of %o', (options) => {
    const bench = embedded(options);

    test('hits some connections and spares others', async () => {
      const pattern = await hits(bench);
      expect(pattern).toMatch(/0.*1|1.*0/);
      patterns.push(pattern);
    });
  });

  test('the same seed hits the same connections, another one others', () => {
    const [first, again, other] = patterns;
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});
