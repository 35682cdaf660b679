import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { compiled } from '../../shared/package-root.ts';

/** Connects a hundred times and more through a server that connects on, and counts the hidden classes of the last copies of options. */
const PROGRAM = `
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { connectOptions } from ${JSON.stringify(compiled('proxy/listening/connect-options.js'))};
import { socketOptions } from ${JSON.stringify(compiled('proxy/listening/socket-options.js'))};

const copies = { accepted: [], connected: [] };
// Duplex asks each copy for a method that no options have
Object.defineProperty(Object.prototype, 'final', {
  set() {},
  get() {
    if (this.handle) copies.accepted.push(this);
    else if (this.onread) copies.connected.push(this);
  },
});
const back = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
await once(back, 'listening');
const address = { host: '127.0.0.1', port: back.address().port };
const options = socketOptions({ keepAlive: 'off', keepAliveDelay: 1000 });
const onread = { buffer: Buffer.alloc(10), callback: () => true };
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const upstream = connect(connectOptions(address, options, onread));
  upstream.on('end', () => { upstream.end(); socket.end(); });
  socket.resume();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
for (let count = 0; count < 300; count++) {
  const client = connect({ port: server.address().port, host: '127.0.0.1' });
  client.end();
  client.resume();
  await once(client, 'close');
}
const classes = (objects) => {
  const found = [];
  for (const one of objects.slice(-100)) if (!found.some((other) => %HaveSameMap(one, other))) found.push(one);
  return found.length;
};
console.log(JSON.stringify({ accepted: classes(copies.accepted), connected: classes(copies.connected) }));
process.exit();
`;

test('V8 makes no hidden class for each copy of the options of a socket', () => {
  const args = ['--allow-natives-syntax', '--input-type=module', '--eval', PROGRAM];
  const { accepted, connected } = JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8' }),
  ) as Record<string, number>;
  // a hundred each, where it does; a reminder has a class of its own
  expect(accepted).toBeLessThanOrEqual(3);
  expect(connected).toBeLessThanOrEqual(3);
});
