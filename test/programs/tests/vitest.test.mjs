import { afterAll, it } from 'vitest';
import { noLeaks } from 'lastfin/vitest';
import { children, isParallel, leaky, repeated } from './ten-leaks.cjs';

for (const [name, body] of Object.entries(leaky)) it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
const test = isParallel ? it.concurrent : it;
for (const [name, body] of repeated) test(`mended ${name}`, () => noLeaks(body));
afterAll(() => children.end());
