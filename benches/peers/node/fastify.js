// Fastify with a response schema, from which it makes its serializer: the whole array, then the whole JSON, then the
// response. One process per core, so that it may use as many as the other contenders.
//
// The environment's PORT is the port to listen on, on this machine only.

import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import Fastify from "fastify";
import { userAt } from "./users.js";

/** Users of a response where the request does not say. */
const DEFAULT_LIMIT = 1000;

/** Connections that may wait to be accepted: the same for every contender. */
const BACKLOG = 4096;

const schema = {
  querystring: {
    type: "object",
    properties: { limit: { type: "integer", minimum: 0, default: DEFAULT_LIMIT } },
  },
  response: {
    200: {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: { type: "integer" },
          name: { type: "string" },
          email: { type: "string" },
          age: { type: "integer" },
          score: { type: "number" },
          active: { type: "boolean" },
        },
      },
    },
  },
};

if (cluster.isPrimary) {
  for (let worker = 0; worker < availableParallelism(); worker++) cluster.fork();
  // A contender that lost a process is not the contender any more: it dies as a whole, and the harness sees it.
  cluster.on("exit", (worker, code, signal) => {
    console.error(`a worker ended with ${signal ?? code}`);
    process.exit(1);
  });
} else {
  const server = Fastify();
  server.get("/api/v1/users", { schema }, async (request) =>
    Array.from({ length: request.query.limit }, (_, i) => userAt(i)),
  );
  await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT), backlog: BACKLOG });
}
