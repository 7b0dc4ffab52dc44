import { randomBytes } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { consoleAsset } from "../dashboard/assets.ts";
import { type Assets, browserPolicy, consolePage } from "../http/console-page.ts";
import { loopbackGuard } from "../http/loopback-guard.ts";
import { viewOrigins } from "../http/view-origins.ts";

export interface ConsoleFront {
  /** Default: the console's. */
  readonly assets?: Assets;
  /** Origins whose pages may embed views. Default: none. */
  readonly origins?: readonly string[];
  /** Whether the page is given the token that changes need. */
  readonly mayWrite: boolean;
}

const tokenBytes = 16;

/** What each request meets that is served to this machine, before the API: the guard, and the page. */
export function consoleFront({
  assets = consoleAsset,
  origins = [],
  mayWrite,
}: ConsoleFront): readonly MiddlewareHandler[] {
  const token = randomBytes(tokenBytes).toString("hex");
  return [
    browserPolicy,
    loopbackGuard({ token, origins }),
    viewOrigins(origins),
    consolePage({ assets, ...(mayWrite && { token }) }),
  ];
}
