'use strict';
const { noLeaks } = require('lastfin/jest');
const { children, isParallel, leaky, repeated } = require('./ten-leaks.cjs');

for (const [name, body] of Object.entries(leaky)) it(`leaky ${name}`, () => noLeaks(body, { settle: 300 }));
const test = isParallel ? it.concurrent : it;
for (const [name, body] of repeated) test(`mended ${name}`, () => noLeaks(body));
afterAll(() => children.end());
