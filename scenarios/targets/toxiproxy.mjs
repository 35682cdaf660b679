// The embedded Toxiproxy as a target: one proxy from LISTEN to UPSTREAM, with the toxics given as a JSON list in the arguments.
import { startToxiproxyServer } from '../../dist/harness/toxiproxy/server.js';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = await startToxiproxyServer({ host: '127.0.0.1', port: 0 });
const post = async (path, body) => {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { connection: 'close' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  await answer.text();
};
await post('/proxies', {
  name: 'case',
  listen: `${LISTEN_HOST}:${LISTEN_PORT}`,
  upstream: `${UPSTREAM_HOST}:${UPSTREAM_PORT}`,
});
for (const toxic of JSON.parse(process.argv[2] ?? '[]')) await post('/proxies/case/toxics', toxic);
console.log('ready');
process.once('SIGTERM', () => void server.close());
