import type { JobEventView } from "../../../http/schemas/history.ts";

type Kind = JobEventView["kind"];

/** What stands on one line of the timeline, from top to bottom. */
export const lanes: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  { name: "Life", kinds: ["deployed", "restored", "started", "stopped", "ended"] },
  { name: "Checkpoints", kinds: ["checkpoint", "checkpoint-failed", "savepoint"] },
  { name: "Shards", kinds: ["resharded"] },
  { name: "Errors", kinds: ["error", "alarm", "warning"] },
];

const bad: readonly Kind[] = ["error", "alarm", "checkpoint-failed"];
const warn: readonly Kind[] = ["warning", "stopped"];
const good: readonly Kind[] = ["deployed", "restored", "started"];

export function toneOf(kind: Kind): "bad" | "warn" | "good" | "calm" {
  if (bad.includes(kind)) return "bad";
  if (warn.includes(kind)) return "warn";
  return good.includes(kind) ? "good" : "calm";
}
