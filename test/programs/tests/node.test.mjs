import { after, it } from 'node:test';
import { noLeaks } from 'lastfin/node-test';
import { children, leaky, mended } from './ten-leaks.cjs';

for (const [name, body] of Object.entries(leaky))
  void it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
for (const [name, body] of Object.entries(mended)) void it(`mended ${name}`, () => noLeaks(body));
after(() => children.end());
