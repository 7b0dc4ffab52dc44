import type { ServedStore } from "../served-store.ts";
import { statusView } from "../status-view.ts";
import { createFeed, type Feed } from "./feed.ts";

const defaultEveryMs = 500;

/** A job's status, twice a second. */
export function statusFeed(store: ServedStore, job: string): Feed {
  let newest: string | undefined;
  return createFeed(store.ports, {
    everyMs: store.statusEveryMs ?? defaultEveryMs,
    look: async () => (newest = JSON.stringify(await statusView(store, job))),
    whole: () => newest,
  });
}
