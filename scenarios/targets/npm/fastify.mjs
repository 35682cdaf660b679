// A reverse proxy on fastify and its plugin for that, with their defaults.
import httpProxy from '@fastify/http-proxy';
import { fastify } from 'fastify';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const app = fastify();
await app.register(httpProxy, { upstream: `http://${UPSTREAM_HOST}:${UPSTREAM_PORT}`, websocket: true });
await app.listen({ host: LISTEN_HOST, port: Number(LISTEN_PORT) });
process.once('SIGTERM', () => process.exit());
