import { expect, test } from 'vitest';
import { drainedTo, fixturePath, markedLine, openSockets, startFixture } from './fixtures/start-fixture.ts';

const SOURCE = 'bundled/leak.mjs';
const TIMES = 5;

test.each(['external', 'inline'])(
  'a leak in a bundled, minified program is told in its source, by an %s source map',
  async (map) => {
    const fixture = await startFixture(`bundled/${map}.min.mjs`);
    try {
      const before = await openSockets(fixture);
      // sockets that the program has yet to close would be suspects, too
      const visited = async (times: number): Promise<void> => {
        await fixture.visit(times);
        await drainedTo(fixture, before);
      };
      await visited(1);
      await fixture.probe.baseline();
      await visited(TIMES);
      const { suspects } = await fixture.probe.report();
      const file = fixturePath(SOURCE);
      const timer = suspects.find(({ resource }) => resource === 'timer');
      expect(timer).toMatchObject({ count: TIMES, rule: 'presence' });
      expect(timer?.where).toMatchObject([
        { file, line: markedLine(SOURCE, 'setInterval(() => {'), column: expect.any(Number) as number },
      ]);
      // V8 does not tell the position of a class without a name; the inserting hook does
      await fixture.probe.arm();
      await visited(1);
      const [inserting] = Object.values(await fixture.probe.explain());
      expect(inserting?.[0]).toMatchObject({
        file,
        line: markedLine(
          SOURCE,
          'this.#byNumber.set(this.#byNumber.size, { at: Date.now(), port: connection.remotePort });',
        ),
      });
    } finally {
      await fixture.stop();
    }
  },
);
