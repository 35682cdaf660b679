import { afterAll, it } from 'vitest';
import { noLeaks } from 'lastfin/vitest';
import { children, leaky, mended } from './ten-leaks.cjs';

for (const [name, body] of Object.entries(leaky)) it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
for (const [name, body] of Object.entries(mended)) it(`mended ${name}`, () => noLeaks(body));
afterAll(() => children.end());
