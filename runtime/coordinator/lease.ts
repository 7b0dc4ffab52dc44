import type { Leadership } from "../job/leadership.ts";
import { rowKeys } from "../layout/names.ts";
import type { ControlRow, Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";

/** Who leads a job. A leader that loses its lease does no harm (ticks only raise), it only wastes calls. */
export interface Lease {
  /** Answers false where another holds the lease: the caller must stop leading. */
  renew(): Promise<boolean>;
  /** `quiet`: nothing is to be led, so that nobody who waits need take over. `stopped`: whoever led was told to stop, and nobody follows. */
  release(how?: { readonly quiet?: boolean; readonly stopped?: boolean }): Promise<void>;
}

interface LeaseRow extends Leadership {
  readonly holder: string;
  readonly quiet?: boolean;
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
  return await takeLease(ports, { job, durationMs }, await ports.control.get(rowKeys.lease(job)));
}

interface LeaseOf {
  readonly job: string;
  readonly durationMs: number;
}

async function takeLease(
  ports: Ports,
  { job, durationMs }: LeaseOf,
  found: ControlRow | undefined,
): Promise<Lease | undefined> {
  const key = rowKeys.lease(job);
  const holder = ports.random.id();
  let rank: number | undefined;

  async function write(
    lease: Omit<LeaseRow, "holder">,
    expected: number | undefined,
  ): Promise<boolean> {
    const next = (expected ?? 0) + 1;
    const row = {
      ...key,
      rank: next,
      value: toControlValue({ holder, ...lease } satisfies LeaseRow),
    };
    const outcome = await ports.control.put(
      row,
      expected === undefined ? { kind: "absent" } : { kind: "rank", rank: expected },
    );
    if (outcome.written) rank = next;
    return outcome.written;
  }

  const held = found === undefined ? undefined : fromControlValue<LeaseRow>(found);
  const nowMs = ports.clock.nowMs();
  if (held !== undefined && held.untilMs > nowMs && held.untilMs <= nowMs + durationMs)
    return undefined;
  if (!(await write({ untilMs: nowMs + durationMs }, found?.rank))) return undefined;
  return {
    renew: () => write({ untilMs: ports.clock.nowMs() + durationMs }, rank),
    release: async (how) => {
      await write({ untilMs: 0, releasedMs: ports.clock.nowMs(), ...how }, rank);
    },
  };
}

export interface LeaseWait {
  readonly durationMs: number;
  /** Looks no longer than until then. */
  readonly untilMs: number;
  readonly pollMs: number;
  readonly isStopped: () => boolean;
}

/**
 * Takes the lease, and waits for it as a standby where another holds it: leaders change, and die, without a gap until the next
 * start. Undefined where the leader goes on, or has left because there is nothing to lead.
 */
export async function awaitLease(
  ports: Ports,
  job: string,
  { durationMs, untilMs, pollMs, isStopped }: LeaseWait,
): Promise<Lease | undefined> {
  for (let isWaiting = false; ; isWaiting = true) {
    const found = await ports.control.get(rowKeys.lease(job));
    const isQuiet = found !== undefined && fromControlValue<LeaseRow>(found).quiet === true;
    if (isWaiting && isQuiet) return undefined;
    const lease = await takeLease(ports, { job, durationMs }, found);
    if (lease !== undefined || isStopped() || ports.clock.nowMs() + pollMs >= untilMs) return lease;
    await ports.clock.sleep(pollMs);
  }
}
