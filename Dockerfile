# The image of Waymark: the package as `npm pack` makes it, with the packages of production beside it, and nothing else.
FROM node:24-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json tsconfig.build.json LICENSE README.md ./
COPY bin bin
COPY shared shared
COPY runtime runtime
COPY kube kube
COPY webhook webhook
COPY controller controller
COPY cli cli
RUN mkdir /waymark \
    && npm pack --pack-destination /tmp \
    && tar -xzf /tmp/waymark-*.tgz --strip-components=1 -C /waymark

# A layer of its own: it changes with the lockfile alone.
FROM node:24-slim AS modules
WORKDIR /waymark
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
COPY --from=modules /waymark/node_modules /waymark/node_modules
COPY --from=build /waymark /waymark
# Nobody's account; the chart asks for the same one.
USER 65532:65532
WORKDIR /waymark
# Small young generations: reviews leave nothing behind, and the default lets each process grow by 100 MB under load.
ENTRYPOINT ["node", "--max-semi-space-size=4", "/waymark/bin/waymark.js"]
