import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** What a page needs that embeds a view: its script, what the job says of it, and its rows. */
const ofViews = /^\/(view\.js|jobs\/[^/]+\/(plan|tables\/[^/]+\/(rows|updates)))$/;

const reads = ["GET", "HEAD"];

/** Whether a request is one of those that pages of other origins may send: it reads a view, and can change nothing. */
export const readsView = ({
  path,
  method,
}: {
  readonly path: string;
  readonly method: string;
}): boolean => ofViews.test(path) && [...reads, "OPTIONS"].includes(method);

/** Lets pages of some origins read views. What reads none is refused before (see loopbackGuard), wherever it comes from. */
export const viewOrigins = (origins: readonly string[]): MiddlewareHandler =>
  cors({ origin: [...origins], allowMethods: reads, maxAge: 600 });
