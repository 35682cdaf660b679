// A gateway with a limit: node limits.mjs permits keep|lose | breaker MS | window COUNT | quota COUNT
//   permits: 200 requests at a time; `lose` does not give the place of a failed one back
//   breaker: answers 503 for a time after five failures in a row
//   window: this number of requests a minute for each address of a client, 429 for more
//   quota: the same for ever
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const [kind, how] = process.argv.slice(2);
const MOST = 200;
const SPAN = kind === 'window' ? 60_000 : Infinity;

let places = MOST;
const permits = {
  refusal: () => (places > 0 ? undefined : 503),
  begin: () => void places--,
  end: (isServed) => {
    if (isServed || how === 'keep') places++;
  },
};

let failures = 0;
let opened = -Infinity;
const breaker = {
  refusal: () => (failures >= 5 && Date.now() - opened < Number(how) ? 503 : undefined),
  begin: () => {},
  end: (isServed) => {
    failures = isServed ? 0 : failures + 1;
    if (!isServed) opened = Date.now();
  },
};

const asked = new Map();
const recent = (address) => {
  const times = asked.get(address) ?? [];
  while (times[0] < Date.now() - SPAN) times.shift();
  return times;
};
const window = {
  refusal: (address) => (recent(address).length < Number(how) ? undefined : 429),
  begin: (address) => {
    const times = recent(address);
    times.push(Date.now());
    asked.set(address, times);
  },
  end: () => {},
};
setInterval(() => {
  for (const address of asked.keys()) if (recent(address).length === 0) asked.delete(address);
}, 10_000).unref();

const limit = { permits, breaker, window, quota: window }[kind];
const server = http.createServer((request, response) => {
  const { method, url: path, headers, socket } = request;
  const refusal = limit.refusal(socket.remoteAddress);
  if (refusal !== undefined) {
    request.resume().on('end', () => response.writeHead(refusal).end());
    return;
  }
  limit.begin(socket.remoteAddress);
  const outgoing = http.request({ host: UPSTREAM_HOST, port: UPSTREAM_PORT, method, path, headers });
  let isServed = false;
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.on('error', () => response.destroy());
    answer.on('end', () => (isServed = true));
    answer.pipe(response);
  });
  outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  outgoing.on('close', () => limit.end(isServed));
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
