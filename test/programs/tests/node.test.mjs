import { after, describe, it } from 'node:test';
import { noLeaks } from 'lastfin/node-test';
import { children, isParallel, leaky, repeated } from './ten-leaks.cjs';

for (const [name, body] of Object.entries(leaky))
  void it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
void describe('mended', { concurrency: isParallel ? 5 : 1 }, () => {
  for (const [name, body] of repeated) void it(`mended ${name}`, () => noLeaks(body));
});
after(() => children.end());
