import { repeated } from "../definition/option.ts";
import { UsageError } from "../usage-error.ts";

/** Nothing but scheme, host and port: what a browser says of a page. */
function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new UsageError("it takes an origin such as https://example.com, without a path");
}

/** Whose pages may embed views of what is served. */
export const allowOrigin = repeated(
  "origin",
  "pages of this origin may embed views and read nothing else; repeat it for several (default: none)",
  originOf,
);
