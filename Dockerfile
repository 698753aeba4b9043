# The image: Node, the program and what both need, and nothing else: no shell, no package manager.
# docker build -t insightly-scim .    (with buildx: --platform linux/amd64,linux/arm64)

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package needs its install script here: the database's binary comes in the package, and Node is the base's.
# The secret is for those who install from a registry of their own.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json LICENSE ./
COPY scripts/build.ts scripts/bundle.ts scripts/
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts
# Packages that are wanted beside the program, such as those for traces (docs/watching.md). They are installed elsewhere
# first, since npm leaves out here what the tests need as well.
ARG EXTRA_PACKAGES=''
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
  if [ -n "$EXTRA_PACKAGES" ]; then npm install --prefix /tmp/extra --ignore-scripts $EXTRA_PACKAGES \
  && cp -rn /tmp/extra/node_modules/. node_modules/; fi
COPY migrations migrations
COPY openapi.yaml ./
# The database brings its sources and the binaries of eight platforms; this image is one.
RUN cd node_modules/better-sqlite3 \
  && rm -r deps src \
  && find prebuilds -type f ! -name "linux-$(node -p process.arch).node" -delete
# The root of the image: the program, Node with the libraries that it is linked with, and one user.
RUN mkdir -p /root-of-image/app /root-of-image/etc /root-of-image/data /root-of-image/usr/local/bin \
  && cp -r --parents dist migrations node_modules openapi.yaml package.json LICENSE src/console /root-of-image/app/ \
  && cp /usr/local/bin/node /root-of-image/usr/local/bin/ \
  && ldd /usr/local/bin/node node_modules/better-sqlite3/prebuilds/*.node | grep -o '/lib[^ ]*' | sort -u \
    | xargs -I '{}' cp --parents -L '{}' /root-of-image/ \
  && echo 'insightly:x:65532:65532::/data:/sbin/nologin' > /root-of-image/etc/passwd \
  && echo 'insightly:x:65532:' > /root-of-image/etc/group \
  && chown 65532:65532 /root-of-image/data

FROM scratch
LABEL org.opencontainers.image.title="insightly-scim" \
  org.opencontainers.image.description="A stand-in for Insightly's SCIM 2.0 user provisioning" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="0.1.0"
COPY --from=build /root-of-image /
WORKDIR /app
ENV NODE_ENV=production \
  INSIGHTLY_SCIM_HOST=0.0.0.0 \
  INSIGHTLY_SCIM_DATA=/data \
  SQLITE_TMPDIR=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["/usr/local/bin/node", "dist/cli.js", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/node", "dist/cli.js"]
