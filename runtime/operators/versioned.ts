import type { StateVersion } from "../graph/state-declarations.ts";

/** The version of what a user keeps, and how older ones become it. */
export function versioned({ version = 1, migrate }: StateVersion<unknown>) {
  return { version, ...(migrate !== undefined && { migrate }) };
}
