import { messageOf } from "../../runtime/errors/millrace-error.ts";

/** What one check found. */
export interface Finding {
  /** Which check. */
  readonly name: string;
  /** "note": works, but for what is said. "skipped": could not be checked. "failed": must be mended. */
  readonly state: "ok" | "note" | "skipped" | "failed";
  readonly message: string;
  /** What to do. */
  readonly next?: string;
}

export const ok = (name: string, message: string): Finding => ({ name, state: "ok", message });

export const skipped = (name: string, message: string): Finding => ({
  name,
  state: "skipped",
  message,
});

/** What could not be looked at does not have to be wrong. */
export function refused(name: string, thrown: unknown): Finding {
  const [message = "", ...next] = messageOf(thrown).split("\n");
  return {
    ...skipped(name, message),
    ...(next.length === 0 ? {} : { next: next.join(" ").trim() }),
  };
}
