import { once } from 'node:events';
import { createRequire } from 'node:module';
import net, { type AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import type { LastfinError } from '../shared/errors/lastfin-error.ts';
import { noLeaks } from '../harness/in-process/no-leaks.ts';
import type { ProcessLeak } from '../harness/in-process/process-leak.ts';
import { isOfRunner } from '../harness/in-process/test-runner-exclusions.ts';

/** Functions of sinon, which has no types of its own. */
type Sinon = {
  stub(object?: object, method?: string): Double;
  spy(): Double;
  resetHistory(): void;
};
type Double = ((...args: unknown[]) => unknown) & { callsFake(fake: () => unknown): Double };

describe('a test double that is made outside of the body', () => {
  const require = createRequire(import.meta.url);
  const sinon = require('sinon') as Sinon;
  const double = sinon.stub();
  const service = { ask: (): unknown => undefined };
  sinon.stub(service, 'ask').callsFake(() => double());
  const accepted = sinon.spy();
  const seen: unknown[] = [];
  const keeps = sinon.stub().callsFake(() => seen.push({}));

  test.each<[string, () => unknown]>([
    ['records its calls', () => double({}, new Error('an argument'))],
    ['stands for a method', () => service.ask()],
    [
      'keeps the sockets that it was called with',
      async () => {
        const server = net.createServer((socket) => accepted(socket.resume().end())).listen(0, '127.0.0.1');
        await once(server, 'listening');
        const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
        await once(client, 'close');
        await once(server.close(), 'close');
      },
    ],
  ])('leaks nothing when it %s', async (_, body) => {
    await noLeaks(body);
    sinon.resetHistory();
  });

  test('hides no leak of the function that it calls', async () => {
    const error = await noLeaks(() => keeps(), { settle: 100 }).catch((one: unknown) => one);
    const leaks = (error as LastfinError).facts['leaks'] as ProcessLeak[];
    expect(leaks.map(({ resource, path }) => [resource, path])).toEqual([['collection', 'seen']]);
    expect(leaks[0]?.where.map(({ file }) => file)).not.toContain(expect.stringContaining('node_modules'));
  });

  test.each(['sinon', '@sinonjs/fake-timers', 'testdouble', 'jest-mock', 'tinyspy', 'chai-spies'])(
    'is known by its package: %s',
    (name) => {
      const at = { line: 1, column: 1 };
      expect(isOfRunner({ file: `/app/node_modules/${name}/lib/a.js`, ...at })).toBe(true);
      expect(isOfRunner({ file: `/app/node_modules/.pnpm/x@1/node_modules/${name}/a.js`, ...at })).toBe(true);
      expect(isOfRunner({ file: `/app/${name}/a.js`, ...at })).toBe(false);
      expect(isOfRunner({ file: `/app/node_modules/my-${name.replace('@', '')}/a.js`, ...at })).toBe(false);
    },
  );
});
