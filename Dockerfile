# One image for all services; which one runs is the command: services/ingest/main.ts, services/writer/main.ts, services/api/main.ts, …
# TypeScript runs as it is, so nothing is built: the dependencies are installed, and the workspace's packages are copied as they are,
# because Node runs no .ts below node_modules. Links lead from there to the packages.

FROM node:26-bookworm-slim AS manifests
WORKDIR /messnetz
COPY packages packages
COPY services services
COPY bench bench
RUN find . -type f ! -name package.json -delete

FROM node:26-bookworm-slim AS dependencies
WORKDIR /messnetz
# pnpm in the version and with the content that its lock file pins.
COPY bootstrap/package.json bootstrap/package-lock.json /pnpm/
RUN npm ci --prefix /pnpm --ignore-scripts --no-audit --no-fund
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
# Changes only when a package.json does: sources may change without a new installation.
COPY --from=manifests /messnetz ./
RUN node /pnpm/node_modules/pnpm/bin/pnpm.cjs install --frozen-lockfile --prod --ignore-scripts --filter "{./services/*}..." \
  && rm -rf bench node_modules/.cache

FROM node:26-bookworm-slim
WORKDIR /messnetz
ENV NODE_ENV=production MALLOC_ARENA_MAX=2
COPY --from=dependencies /messnetz ./
COPY packages packages
COPY services services
COPY profiles profiles
COPY infra/docker/healthy.mjs infra/docker/healthy.mjs
COPY LICENSE ./
# Volumes that are mounted here belong to whichever user the container runs as.
RUN mkdir -p -m 1777 /var/lib/messnetz && mkdir -m 1777 /var/lib/messnetz/writer /var/lib/messnetz/reader /var/lib/messnetz/state
USER 10001:10001
# HEALTH_URL says whom to ask; it is unset for what is no server.
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 CMD ["node", "infra/docker/healthy.mjs"]
ENTRYPOINT ["node"]
CMD ["services/town/main.ts"]
