import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../shared/address.ts';
import { parseFlags } from './flags.ts';
import { tcpListener, withDefaults } from '../settings.ts';

const ADDRESSES = ['--listen', '127.0.0.1:9000', '--upstream', '[::1]:9001'];

test('the defaults', async () => {
  expect(await parseFlags(ADDRESSES)).toEqual({
    logLevel: 'info',
    logRepeats: 'counted',
    check: false,
    settings: {
      listeners: [
        {
          name: 'tcp',
          listen: { host: '127.0.0.1', port: 9000 },
          routes: [{ name: 'tcp', mode: 'tcp', upstreams: [{ host: '::1', port: 9001 }] }],
        },
      ],
      connectTimeout: 10_000,
      initialTimeout: 60_000,
      inactivityTimeout: 600_000,
      halfOpenTimeout: 120_000,
      maxLifetime: 86_400_000,
      handshakeTimeout: 10_000,
      idleUpstreamTimeout: 4000,
      idleUpstreams: 1024,
      idleUpstreamsPerAddress: 256,
      headerTimeout: 10_000,
      bodyTimeout: 30_000,
      bodyMinimum: 1024,
      maxBody: 0,
      maxStreams: 100,
      maxUpstreamStreams: 100,
      idleSessionTimeout: 60_000,
      maxHeaderFields: 128,
      maxHeaderBytes: 16_384,
      streamResets: 200,
      controlBytes: 65_536,
      answerTimeout: 60_000,
      grace: 1000,
      shutdownGrace: 1000,
      clientHelloLimit: 16_384,
      pendingLimit: 0,
      maxConnections: 0,
      maxConnectionsPerIp: 0,
      connectionRatePerIp: 0,
      allow: [],
      deny: [],
      keepAlive: 'off',
      keepAliveMultiplier: 6,
      keepAliveGrace: 600_000,
      keepAliveDelay: 60_000,
    },
  });
});

test.each([
  ['500ms', 500],
  ['2s', 2000],
  ['1.5m', 90_000],
  ['1h', 3_600_000],
  ['250', 250],
  ['0', 0],
  ['off', 0],
])('--inactivity-timeout %s is %i ms', async (text, expected) => {
  expect((await parseFlags([...ADDRESSES, '--inactivity-timeout', text]))?.settings.inactivityTimeout).toBe(
    expected,
  );
});

test('the shutdown grace follows the grace unless it is given', async () => {
  expect((await parseFlags([...ADDRESSES, '--grace', '3s']))?.settings.shutdownGrace).toBe(3000);
  expect(
    (await parseFlags([...ADDRESSES, '--grace', '3s', '--shutdown-grace', '0']))?.settings.shutdownGrace,
  ).toBe(0);
});

test.each([
  [[], '--listen is missing'],
  [['--listen', '127.0.0.1:0'], '--upstream is missing'],
  [['--lisen', 'x'], 'Did you mean --listen'],
  [['--listen', '::1:9000'], 'Expected host:port'],
  [['--listen', '127.0.0.1:70000'], 'Expected host:port'],
  [['--upstream', '127.0.0.1:0'], 'port from 1 to 65535'],
  [['--grace', 'off'], 'Expected a duration'],
  [['--grace', '-1s'], 'Expected a duration'],
  [['--max-lifetime', '5 parsecs'], 'or off'],
  [['--max-lifetime', '25d'], 'longest duration'],
  [['--log-level', 'loud'], 'Allowed choices'],
  [[...ADDRESSES, 'more'], 'too many arguments'],
  [['--check'], 'add --config'],
  [['--config', 'x.yaml', '--grace', '1s'], '--grace cannot be combined with --config'],
  [['--pending-limit', '1kB'], 'Expected bytes'],
])('%j is refused: %s', async (args, message) => {
  await expect(parseFlags(args)).rejects.toThrow(
    expect.objectContaining({ code: 'LASTFIN_USAGE', message: expect.stringContaining(message) }),
  );
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 31])(
  'a limit of %d ms is refused',
  (maxLifetime) => {
    const address = { host: '127.0.0.1', port: 1 };
    expect(() => withDefaults({ listeners: tcpListener(address, address), maxLifetime })).toThrow(
      'maxLifetime',
    );
  },
);

test.each(['127.0.0.1:1', 'localhost:65535', '[fe80::1%lo]:0'])('%s reads and writes alike', (text) => {
  expect(formatAddress(parseAddress(text)!)).toBe(text);
});
