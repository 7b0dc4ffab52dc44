import * as z from "zod/mini";
import type { ServedStore } from "./served-store.ts";

type Schema = z.ZodMiniType;

/** A request whose parts were validated. */
export interface Asked<Path, Query, Body> {
  readonly store: ServedStore;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
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
  return { ...routeOf(definition), method: "get", status: 200 };
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
  };
}

function routeOf<P extends Schema, Q extends Schema, B extends Schema, A extends Schema>(
  definition: RouteDefinition<P, Q, B, A>,
): Omit<Route, "method" | "status"> {
  const { path, summary, pathSchema = nothing, querySchema = nothing, answerSchema } = definition;
  // The server has validated the parts by these very schemas.
  const answer = definition.answer as unknown as Route["answer"];
  return { path, summary, pathSchema, querySchema, answerSchema, answer };
}
