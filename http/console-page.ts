import type { MiddlewareHandler } from "hono";

/** A file of the console. */
export interface Asset {
  readonly bytes: Uint8Array;
  /** Media type. */
  readonly type: string;
}

/** Files of the console by path, "/" for its page; undefined where there is none. */
export type Assets = (path: string) => Asset | undefined;

/** Nothing comes from anywhere else, and nothing in a page runs but its script. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface ConsolePage {
  readonly assets: Assets;
  /** What its page is given, to write with; absent where it may not. */
  readonly token?: string;
}

/** Answers the console's files, and leaves all else to the API. */
export function consolePage({ assets, token }: ConsolePage): MiddlewareHandler {
  return async ({ req }, next) => {
    const isRead = req.method === "GET" || req.method === "HEAD";
    const asset = isRead ? assets(req.path) : undefined;
    if (asset === undefined) return await next();
    const bytes = req.path === "/" && token !== undefined ? withToken(asset, token) : asset.bytes;
    const answered = { "content-type": asset.type, "cache-control": "no-cache" };
    return new Response(bytes.slice(), { headers: answered });
  };
}

/** Says to browsers what they may do with an answer, whatever it is. */
export const browserPolicy: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
};

/** The page reads it from its head. */
function withToken({ bytes }: Asset, token: string): Uint8Array {
  const page = new TextDecoder().decode(bytes);
  const meta = `<meta name="millrace-token" content="${token}">`;
  return new TextEncoder().encode(page.replace("</head>", `${meta}</head>`));
}
