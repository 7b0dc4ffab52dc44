import { isMillraceError, messageOf, storeError } from "../../runtime/errors/millrace-error.ts";
import type { Ports } from "../../runtime/ports/index.ts";

/** Where the data of a feed come from. */
export interface FeedSource {
  /** What is new since the last look, as the text of an event; undefined where nothing is. */
  readonly look: () => Promise<string | undefined>;
  /** All that a viewer needs who knows nothing yet; undefined before the first look. */
  readonly whole: () => string | undefined;
  /** Between two looks, at least. */
  readonly everyMs: number;
}

/** One event of a feed. */
export interface Update {
  /** Undefined for a heartbeat. */
  readonly id?: string;
  readonly data: string;
}

export interface Viewer {
  /** False where the viewer is behind: it is given the whole later. */
  readonly isReady: () => boolean;
  readonly take: (update: Update) => void;
  readonly end: () => void;
}

/** A source that is looked at once, however many view it. */
export interface Feed {
  /**
   * Begins to view; `after` is the id of the last event that the viewer had. Answers how to stop.
   * @throws MillraceError `viewers-too-many`
   */
  view(viewer: Viewer, after?: string): () => void;
}

/** A viewer who comes back within so many events is given those that it missed. */
const keptMax = 100;
const viewersMax = 100;
const heartbeatMs = 15_000;
/** A look that takes long is not taken again at once: at most this share of the time is spent looking. */
const pausePerLook = 10;

type FeedPorts = Pick<Ports, "clock" | "random" | "telemetry">;

/** Looks at the source while somebody views it. */
export function createFeed(ports: FeedPorts, source: FeedSource): Feed {
  const updates = keptUpdates(ports.random.id());
  const viewers = new Map<Viewer, { isBehind: boolean }>();
  let isLooking = false;

  /** Gives viewers what they lack: the update, or the whole to those that are behind. */
  function sendAll(update: Update | undefined): void {
    for (const [viewer, state] of viewers) {
      const next = state.isBehind ? updates.whole(source.whole()) : update;
      if (next === undefined) continue;
      state.isBehind = !viewer.isReady();
      if (!state.isBehind) viewer.take(next);
    }
  }

  /** Looks and sends until something fails, or nobody is left. */
  async function follow(): Promise<void> {
    const { clock } = ports;
    let quietSinceMs = clock.nowMs();
    while (viewers.size > 0) {
      const startMs = clock.nowMs();
      const data = await source.look();
      const nowMs = clock.nowMs();
      const isHeartbeat = data === undefined && nowMs - quietSinceMs >= heartbeatMs;
      if (data !== undefined || isHeartbeat) quietSinceMs = nowMs;
      sendAll(data === undefined ? (isHeartbeat ? { data: "" } : undefined) : updates.add(data));
      await clock.sleep(Math.max(source.everyMs, (nowMs - startMs) * pausePerLook));
    }
  }

  /** A busy store costs a look; after anything else viewers are let go, come back, and are told. */
  function failed(thrown: unknown): void {
    if (isMillraceError(thrown) && thrown.retryable) return;
    ports.telemetry.log("error", "A feed failed", { error: messageOf(thrown) });
    for (const viewer of viewers.keys()) viewer.end();
    viewers.clear();
  }

  async function lookWhileViewed(): Promise<void> {
    isLooking = true;
    while (viewers.size > 0) {
      await follow().catch(failed);
      await ports.clock.sleep(source.everyMs);
    }
    isLooking = false;
  }

  return {
    view(viewer, after) {
      if (viewers.size >= viewersMax) throw tooMany();
      const missed = updates.since(after);
      for (const update of missed ?? []) viewer.take(update);
      viewers.set(viewer, { isBehind: missed === undefined });
      if (!isLooking) void lookWhileViewed();
      return () => void viewers.delete(viewer);
    },
  };
}

/** The last updates of a feed; `run` tells them from those of another one. */
function keptUpdates(run: string) {
  const kept: Required<Update>[] = [];
  let count = 0;
  const newestId = (): string => `${run}-${count}`;
  return {
    add(data: string): Update {
      count += 1;
      const update = { id: newestId(), data };
      kept.push(update);
      if (kept.length > keptMax) kept.shift();
      return update;
    },
    /** What all updates so far amount to, as one. */
    whole: (data: string | undefined): Update | undefined =>
      data === undefined ? undefined : { id: newestId(), data },
    /** Those behind one; undefined where that is not known. */
    since(after: string | undefined): readonly Update[] | undefined {
      if (after === newestId()) return [];
      const at = kept.findIndex(({ id }) => id === after);
      return at === -1 ? undefined : kept.slice(at + 1);
    },
  };
}

const tooMany = (): Error =>
  storeError("viewers-too-many", {
    message: `${viewersMax} viewers follow this already.`,
    next: "Close one, or come back later.",
    retryable: true,
  });
