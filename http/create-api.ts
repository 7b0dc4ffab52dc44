import { type Context, Hono, type MiddlewareHandler } from "hono";
import type * as z from "zod/mini";
import { inputError, messageOf } from "../runtime/errors/millrace-error.ts";
import { eventStreamType } from "./live/event-stream.ts";
import { createFeeds } from "./live/feeds.ts";
import { openApi } from "./openapi.ts";
import { problemOf } from "./problem.ts";
import { readBody } from "./read-body.ts";
import type { Asked, Route } from "./route.ts";
import { routes } from "./routes/index.ts";
import type { ServedStore } from "./served-store.ts";

/**
 * The API of the jobs of a store (docs/api.md), for whatever hands it requests. It keeps nothing of a request, and holds no job up: all that it
 * answers stands in the store. What is to be done before, of each request, is done in order.
 */
export function createApi(
  store: ServedStore,
  { before = [] }: { readonly before?: readonly MiddlewareHandler[] } = {},
): Hono {
  const app = new Hono();
  const served = { ...store, feeds: createFeeds(store) };
  for (const middleware of before) app.use(middleware);
  for (const route of routes)
    app.on(
      route.method,
      patternOf(route.path),
      async (context) => await answered(served, route, context),
    );
  app.get("/openapi.json", (context) => context.json(openApi()));
  for (const path of new Set(routes.map((route) => route.path)))
    app.all(patternOf(path), ({ req }) => answerProblem(methodNotAllowed(req.method, path)));
  app.notFound(({ req }) => answerProblem(routeUnknown(req.path)));
  app.onError((thrown) => {
    const problem = problemOf(thrown);
    if (problem.status >= 500)
      store.ports.telemetry.log("error", "A request failed", { error: messageOf(thrown) });
    return answerProblem(thrown);
  });
  return app;
}

/** A path with its parameters as the router writes them. */
const patternOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

type Served = Asked<unknown, unknown, unknown>["store"];

async function answered(store: Served, route: Route, context: Context): Promise<Response> {
  const { req } = context;
  const lastEventId = req.header("last-event-id");
  const asked: Asked<unknown, unknown, unknown> = {
    store,
    path: parsed("path", route.pathSchema, req.param()),
    query: parsed("query", route.querySchema, queryOf(req.queries())),
    body: route.bodySchema && parsed("body", route.bodySchema, await bodyOf(context)),
    ...(lastEventId !== undefined && { lastEventId }),
  };
  // Nobody would read the events, nor stop them.
  if (route.type === eventStreamType && req.method === "HEAD")
    return new Response(null, { headers: { "content-type": eventStreamType } });
  const answer = await route.answer(asked);
  if (answer instanceof Response) return answer;
  return context.json(answer as object, route.status, { "cache-control": "no-store" });
}

/** A parameter that is given once is a text. */
function queryOf(given: Readonly<Record<string, readonly string[]>>): object {
  return Object.fromEntries(
    Object.entries(given).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

async function bodyOf({ req }: Context): Promise<unknown> {
  const text = await readBody(req.raw);
  if (text === "") return {};
  const type = req.header("content-type") ?? "";
  if (!/^application\/json\b/.test(type))
    throw requestInvalid(
      `The body is of type "${type.slice(0, 100)}"; it must be application/json.`,
    );
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw requestInvalid(`The body is not JSON: ${messageOf(thrown)}.`);
  }
}

function parsed(what: string, schema: z.ZodMiniType, given: unknown): unknown {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, 5).map(faultText);
  throw requestInvalid(`The ${what} of the request is not valid: ${faults.join("; ")}.`);
}

function faultText(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  if (issue.code === "unrecognized_keys")
    return `${place}unknown ${issue.keys.slice(0, 5).join(", ").slice(0, 200)}`;
  return `${place}${issue.message}`;
}

const requestInvalid = (message: string): Error =>
  inputError("request-invalid", {
    message,
    next: "GET /openapi.json says what each request takes.",
  });

const methodNotAllowed = (method: string, path: string): Error =>
  inputError("method-not-allowed", {
    message: `${path} takes no ${method.slice(0, 20)}.`,
    next: "GET /openapi.json says what each path takes.",
  });

const routeUnknown = (path: string): Error =>
  inputError("route-unknown", {
    message: `There is nothing at "${path.slice(0, 200)}".`,
    next: "GET /openapi.json lists all that there is.",
  });

/** An error as the API answers it. */
export function answerProblem(thrown: unknown): Response {
  const problem = problemOf(thrown);
  return Response.json(problem, {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}
