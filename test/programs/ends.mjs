// A program that ends in the way that its argument says, with something open.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { Worker } from 'node:worker_threads';

const open = async () => {
  const server = net.createServer();
  server.listen(0, '127.0.0.1'); // leak: server
  await once(server, 'listening');
  setTimeout(() => server.close(), 100);
  return server;
};

switch (process.argv[2]) {
  case 'clean':
    (await open()).close();
    break;
  case 'exit':
    await open();
    process.exit(0); // exits
    break;
  case 'tidy-exit':
    process.on('exit', () => child.kill());
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    setInterval(() => undefined, 1000).unref();
    (await open()).close();
    process.exit(0);
    break;
  case 'unref':
    for (let time = 0; time < 3; time++) setInterval(() => undefined, 1000).unref(); // leak: timers
    break;
  case 'orphan':
    spawn('sleep', ['600'], { stdio: 'ignore', detached: true }).unref(); // leak: child
    break;
  case 'killed':
    await open();
    process.kill(process.pid, 'SIGKILL');
    break;
  case 'error':
    await open();
    throw new Error('nobody catches it');
  case 'caught':
    process.once('uncaughtException', () => process.exit(0));
    await open();
    setTimeout(() => {
      throw new Error('somebody catches it');
    });
    break;
  case 'child':
    await once(fork(import.meta.filename, ['exit']), 'exit');
    break;
  case 'thread':
    await once(new Worker(import.meta.filename, { argv: ['exit'] }), 'exit');
    break;
}
