import type { MiddlewareHandler } from "hono";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { readsView } from "./view-origins.ts";

export interface LoopbackGuard {
  /** Of this process: whoever writes has read it in the page. */
  readonly token: string;
  /** Origins whose pages may read views. Default: none. */
  readonly origins?: readonly string[];
}

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * Keeps other sites and other names of this machine out: a page anywhere may send requests here, and a name that somebody owns may lead
 * here. Requests come under a loopback name, and from no other origin, but for views and origins that may read them; those that write have the
 * token.
 */
export function loopbackGuard({ token, origins = [] }: LoopbackGuard): MiddlewareHandler {
  return async ({ req }, next) => {
    const host = req.header("host") ?? "";
    if (!loopbackHost.test(host)) throw refused(`it came for the host "${host.slice(0, 100)}"`);
    const origin = req.header("origin");
    if (origin !== undefined && origins.includes(origin) && readsView(req)) return await next();
    if (origin !== undefined && origin !== `http://${host}`)
      throw refused(`it came from the origin "${origin.slice(0, 100)}"`);
    const site = req.header("sec-fetch-site") ?? "none";
    // A link that somebody follows to the console's page is no fetch.
    const isVisit = req.path === "/" && req.header("sec-fetch-mode") === "navigate";
    if (site !== "same-origin" && site !== "none" && !isVisit)
      throw refused("a page of another site has sent it");
    if (req.method !== "GET" && req.method !== "HEAD") checkToken(token, req.header(tokenHeader));
    await next();
  };
}

/** Names the header that carries the token. */
const tokenHeader = "x-millrace-token";

function checkToken(token: string, given: string | undefined): void {
  if (given !== undefined && isSame(token, given)) return;
  throw deploymentError("token-missing", {
    message: `What changes something needs the header ${tokenHeader} with the token of this process.`,
    next: "The console's page has it; programs use the command line.",
  });
}

/** How long it takes says nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++)
    difference |= one.charCodeAt(at) ^ (other.charCodeAt(at % Math.max(1, other.length)) || 0);
  return difference === 0;
}

const refused = (why: string): Error =>
  deploymentError("request-refused", {
    message: `The request was refused: ${why}.`,
    next: "Open the address that was printed, on this machine.",
  });
