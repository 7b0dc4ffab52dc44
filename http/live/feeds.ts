import type { ServedStore } from "../served-store.ts";
import type { Feed } from "./feed.ts";
import { statusFeed } from "./status-feed.ts";
import { tableFeed, type TableToFollow } from "./table-feed.ts";

/** Feeds by what they are of: whoever asks for one again gets the same. */
export interface Feeds {
  readonly statusOf: (job: string) => Feed;
  readonly rowsOf: (job: string, table: TableToFollow) => Feed;
}

/** So many are remembered; one that is forgotten serves those who view it to their end. */
const feedsMax = 200;

export function createFeeds(store: ServedStore): Feeds {
  const feeds = new Map<string, Feed>();
  const remembered = (name: string, make: () => Feed): Feed => {
    const feed = feeds.get(name) ?? make();
    feeds.delete(name);
    feeds.set(name, feed);
    for (const oldest of feeds.keys()) {
      if (feeds.size <= feedsMax) break;
      feeds.delete(oldest);
    }
    return feed;
  };
  return {
    statusOf: (job) => remembered(JSON.stringify([job]), () => statusFeed(store, job)),
    rowsOf: (job, table) =>
      remembered(JSON.stringify([job, table.name, table.key, table.view]), () =>
        tableFeed(store, table),
      ),
  };
}
