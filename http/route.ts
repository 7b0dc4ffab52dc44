import * as z from "zod/mini";
import { eventStreamType } from "./live/event-stream.ts";
import type { Feeds } from "./live/feeds.ts";
import type { ServedStore } from "./served-store.ts";

type Schema = z.ZodMiniType;

/** A request whose parts were validated. */
export interface Asked<Path, Query, Body> {
  readonly store: ServedStore & { readonly feeds: Feeds };
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** Of a viewer who comes back: the event that it had last. */
  readonly lastEventId?: string;
}

/** What the API answers to one method at one path: the server and the OpenAPI document are made from it. */
export interface Route {
  readonly method: "get" | "post";
  /** With parameters in braces: `/jobs/{job}`. */
  readonly path: string;
  readonly summary: string;
  readonly pathSchema: Schema;
  readonly querySchema: Schema;
  readonly bodySchema?: Schema;
  readonly answerSchema: Schema;
  readonly status: 200 | 202;
  /** Media type of the answer: of events each one's data have the schema, and of what is no JSON nothing has it. */
  readonly type: string;
  readonly answer: (asked: Asked<unknown, unknown, unknown>) => Promise<unknown>;
}

export interface RouteDefinition<
  Path extends Schema,
  Query extends Schema,
  Body extends Schema,
  Answer extends Schema,
> {
  readonly path: string;
  readonly summary: string;
  readonly pathSchema?: Path;
  readonly querySchema?: Query;
  readonly bodySchema?: Body;
  readonly answerSchema: Answer;
  readonly answer: (
    asked: Asked<z.output<Path>, z.output<Query>, z.output<Body>>,
  ) => Promise<z.input<Answer>>;
}

/** Whoever asks for more than there is has meant something else. */
const nothing = z.strictObject({});

/** Reads: never changes anything. */
export function get<Path extends Schema, Query extends Schema, Answer extends Schema>(
  definition: RouteDefinition<Path, Query, typeof nothing, Answer>,
): Route {
  return { ...routeOf(definition), method: "get", status: 200, type: "application/json" };
}

type ResponseDefinition<Path extends Schema, Answer extends Schema> = Omit<
  RouteDefinition<Path, typeof nothing, typeof nothing, Answer>,
  "answer"
> & {
  readonly answer: (asked: Asked<z.output<Path>, unknown, unknown>) => Promise<Response>;
};

/** Reads without an end: server-sent events, of which the schema is that of each event's data. */
export function getEvents<Path extends Schema, Answer extends Schema>(
  definition: ResponseDefinition<Path, Answer>,
): Route {
  return { ...routeOf(definition), method: "get", status: 200, type: eventStreamType };
}

/** Reads what is no JSON. */
export function getText<Path extends Schema, Answer extends Schema>(
  definition: ResponseDefinition<Path, Answer>,
): Route {
  return { ...routeOf(definition), method: "get", status: 200, type: "text/plain" };
}

/** Changes something, or asks somebody to: answered when that has been taken down. */
export function post<Path extends Schema, Query extends Schema, B extends Schema, A extends Schema>(
  definition: RouteDefinition<Path, Query, B, A> & { readonly bodySchema: B },
): Route {
  return {
    ...routeOf(definition),
    bodySchema: definition.bodySchema,
    method: "post",
    status: 202,
    type: "application/json",
  };
}

/** Changes something at once: answered when it has been done. */
export function postDone<
  Path extends Schema,
  Query extends Schema,
  B extends Schema,
  A extends Schema,
>(definition: RouteDefinition<Path, Query, B, A> & { readonly bodySchema: B }): Route {
  return { ...post(definition), status: 200 };
}

function routeOf<P extends Schema, Q extends Schema, B extends Schema, A extends Schema>(
  definition: Omit<RouteDefinition<P, Q, B, A>, "answer"> & { readonly answer: unknown },
): Omit<Route, "method" | "status" | "type"> {
  const { path, summary, pathSchema = nothing, querySchema = nothing, answerSchema } = definition;
  // The server has validated the parts by these very schemas.
  const answer = definition.answer as Route["answer"];
  return { path, summary, pathSchema, querySchema, answerSchema, answer };
}
