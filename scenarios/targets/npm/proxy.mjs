// A forward proxy on the package `proxy`.
import http from 'node:http';

import { createProxy } from 'proxy';

const { LISTEN_HOST, LISTEN_PORT } = process.env;

createProxy(http.createServer()).listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
