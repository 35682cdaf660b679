import { noLeaks } from 'lastfin/mocha';
import { children, isParallel, leaky, repeated } from './ten-leaks.cjs';

for (const [name, body] of Object.entries(leaky)) it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
// Mocha runs the tests of a file one after the other: groups of five stand for tests at the same time
const size = isParallel ? 5 : 1;
for (let first = 0; first < repeated.length; first += size) {
  const group = repeated.slice(first, first + size);
  it(`mended ${group.map(([name]) => name).join(', ')}`, () =>
    Promise.all(group.map(([, body]) => noLeaks(body))));
}
after(() => children.end());
