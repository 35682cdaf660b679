# Image for all parts: the harness, the reference proxy, and the upstream of docker-compose.yml.
FROM node:22.21-bookworm-slim AS build
WORKDIR /lastfin
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22.21-bookworm-slim
ENV NODE_ENV=production
WORKDIR /lastfin
COPY --from=build --chown=node:node /lastfin/package.json ./
COPY --from=build --chown=node:node /lastfin/node_modules ./node_modules
COPY --from=build --chown=node:node /lastfin/dist ./dist
COPY --from=build --chown=node:node /lastfin/scenarios ./scenarios
COPY --from=build --chown=node:node /lastfin/docker ./docker
RUN mkdir reports && chown node:node reports
USER node
# healthy when whatever listens on LISTEN_PORT accepts; a run of the harness listens nowhere and is healthy as it is
HEALTHCHECK --interval=5s --timeout=2s --start-period=2s --retries=3 CMD ["node", "docker/healthcheck.mjs"]
ENTRYPOINT ["node"]
CMD ["dist/harness/cli/main.js", "run"]
