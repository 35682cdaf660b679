// Reference proxies in a row, each a process of its own. The config has a document for each, in the order in which a client meets
// them. Prints `ready` when all of them listen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [main, config] = process.argv.slice(2);
const children = [];

/** Resolves when it listens. What it logs is passed on; its ids get the name of the hop, as each counts from 1. */
async function start(hop, text) {
  const file = `${config}.${hop}`;
  writeFileSync(file, text);
  const child = spawn(process.execPath, [main, '--config', file, '--log-repeats', 'all'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const listening = new Promise((resolve) => {
    lines.on('line', (written) => {
      const line = JSON.parse(written);
      if (line.event === 'listening') resolve();
      console.log(JSON.stringify(line.id === undefined ? line : { ...line, id: `${hop}-${line.id}` }));
    });
  });
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`proxy ${hop} ended with ${code} before it listened`);
  });
  await Promise.race([listening, gone]);
  gone.catch(() => undefined);
}

process.once('SIGTERM', () => {
  for (const child of children) child.kill('SIGTERM');
});
const documents = readFileSync(config, 'utf8').split(/^---\n/m);
await Promise.all(documents.map((text, index) => start(index + 1, text)));
console.log('ready');
