// A relay that reaches its upstream through a forward proxy (CONNECT, or SOCKS5). Both sides of a connection end together, answered or not.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const [protocol, forgets] = process.argv.slice(2);

const isGranted = (answer) => answer.toString('latin1').startsWith('HTTP/1.1 200 ');
const isZero = (answer) => answer[1] === 0;

/** Request for a tunnel, and whether the proxy's answer grants it. */
const EXCHANGES = {
  connect: [['CONNECT upstream.test:80 HTTP/1.1\r\nHost: upstream.test:80\r\n\r\n', isGranted]],
  socks5: [
    [Buffer.from([5, 1, 0]), isZero],
    [Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, 0, 80]), isZero],
  ],
};

net
  .createServer((client) => {
    const proxy = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST); // leak: of the forgetful one
    client.on('error', () => client.destroy());
    proxy.on('error', () => client.destroy()).on('close', () => client.destroySoon());
    if (forgets === undefined) client.on('close', () => proxy.destroy());
    // read at once: only who reads sees a client leave
    const early = [];
    const keep = (chunk) => early.push(chunk);
    client.on('data', keep);
    const ask = ([next, ...rest]) => {
      if (next === undefined) {
        client.off('data', keep);
        proxy.write(Buffer.concat(early));
        client.pipe(proxy).pipe(client);
        return;
      }
      const [said, grants] = next;
      proxy.write(said);
      proxy.once('data', (answer) => (grants(answer) ? ask(rest) : proxy.destroy()));
    };
    ask(EXCHANGES[protocol]);
  })
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
