# soakd runs from its TypeScript: Node 24 strips the types. So there is nothing to build, and what runs is what was
# tested. docs/docker.md shows how to use the image.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without install scripts: no package needs one, and none gets to run here. Declarations and source maps are a
# quarter of what is left and are never read.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -exec rm {} +

# Empty: the last stage takes it with its owner, since a volume begins with the owner of the folder below it.
RUN mkdir /data

FROM node:24.21.0-bookworm-slim
ARG SOAKD_REVISION=unknown
LABEL org.opencontainers.image.title="soakd" \
      org.opencontainers.image.description="Soak and load test for streaming HTTP endpoints, watched in Prometheus" \
      org.opencontainers.image.version="0.3.0" \
      org.opencontainers.image.revision="${SOAKD_REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# Fewer arenas of malloc: memory that one thread has freed is used by the others.
ENV NODE_ENV=production SOAKD_REVISION=${SOAKD_REVISION} MALLOC_ARENA_MAX=2
WORKDIR /app
COPY LICENSE package.json docker/healthcheck.mjs ./
COPY docker/soakd.yaml /etc/soakd/soakd.yaml
COPY --from=packages /app/node_modules ./node_modules
COPY src ./src
COPY prometheus/alertmanager.yml ./prometheus/
# The history of runs, and all that soakd writes; docker-compose.yml mounts a volume there.
COPY --from=packages --chown=1000:1000 /data /var/lib/soakd
# By number, so that whoever runs it can see that it is not root. All files belong to root, but the data folder.
USER 1000:1000
EXPOSE 9876
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["node", "healthcheck.mjs"]
# Node is process 1 and handles signals itself; soakd starts no processes, so there is nothing for an init to reap.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=4", "/app/src/cli/main.ts"]
CMD ["serve", "--config", "/etc/soakd/soakd.yaml", "--data", "/var/lib/soakd"]
