'use strict';
const { noLeaks } = require('lastfin/jest');
const { children, leaky, mended } = require('./ten-leaks.cjs');

for (const [name, body] of Object.entries(leaky)) it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
for (const [name, body] of Object.entries(mended)) it(`mended ${name}`, () => noLeaks(body));
afterAll(() => children.end());
