import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";

/** Who leads a job. A leader that loses its lease does no harm (ticks only raise), it only wastes calls. */
export interface Lease {
  /** Answers false where another holds the lease: the caller must stop leading. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

interface LeaseRow {
  readonly holder: string;
  readonly untilMs: number;
}

/**
 * Takes the lease of a job if it is free, has expired, or was ours; undefined where another leads. One that ends later than a
 * lease taken now would is from a clock ahead of ours: it counts as expired, or nobody would lead until ours has come that far.
 */
export async function acquireLease(
  ports: Ports,
  job: string,
  durationMs: number,
): Promise<Lease | undefined> {
  const key = { partition: `${job}#job`, sort: "lease" };
  const holder = ports.random.id();
  let rank: number | undefined;

  async function write(untilMs: number, expected: number | undefined): Promise<boolean> {
    const next = (expected ?? 0) + 1;
    const row = {
      ...key,
      rank: next,
      value: toControlValue({ holder, untilMs } satisfies LeaseRow),
    };
    const outcome = await ports.control.put(
      row,
      expected === undefined ? { kind: "absent" } : { kind: "rank", rank: expected },
    );
    if (outcome.written) rank = next;
    return outcome.written;
  }

  const found = await ports.control.get(key);
  const held = found === undefined ? undefined : fromControlValue<LeaseRow>(found);
  const nowMs = ports.clock.nowMs();
  if (held !== undefined && held.untilMs > nowMs && held.untilMs <= nowMs + durationMs)
    return undefined;
  if (!(await write(nowMs + durationMs, found?.rank))) return undefined;
  return {
    renew: () => write(ports.clock.nowMs() + durationMs, rank),
    release: async () => {
      await write(0, rank);
    },
  };
}
