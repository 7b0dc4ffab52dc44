import type { Generation } from "../job/generation.ts";
import { otherRows } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";

/** Something that happened to a job and that nothing else in its store tells. */
export interface RecordedEvent {
  /** Grows by one from event to event. */
  readonly sequence: number;
  readonly atMs: number;
  readonly generation: number;
  /** "deployed" and "restored": its generation began. "started", "stopped", "ended": a process that runs it did. */
  readonly kind:
    | "deployed"
    | "restored"
    | "started"
    | "stopped"
    | "ended"
    | "error"
    | "alarm"
    | "warning";
  readonly text: string;
  /** Of an error, an alarm or a warning. */
  readonly code?: string;
  /** How often it was met in a row of the same, and when last; absent for once. */
  readonly count?: number;
  readonly lastMs?: number;
}

export type EventToRecord = Pick<RecordedEvent, "kind" | "text" | "code"> & {
  /** Default: now. */
  readonly atMs?: number;
};

/** That a generation began. */
export function beginningOf({
  generation,
  publishedMs: atMs,
  restoredFrom,
}: Pick<Generation, "generation" | "publishedMs" | "restoredFrom">) {
  const text = `generation ${generation} began`;
  return restoredFrom === undefined
    ? ({ kind: "deployed", atMs, text } as const)
    : ({ kind: "restored", atMs, text: `${text}, restored from ${restoredFrom}` } as const);
}

/** The ring has so many rows; the oldest is written over. */
const eventsMax = 500;
const textMax = 1_000;

export interface EventRecorder {
  /** Notes an event; it is written with the next call of `write`. What is like the one before is counted with it. */
  note(event: EventToRecord): void;
  write(): Promise<void>;
}

/** Keeps events of a job in a ring of rows, behind those that are `before`. It outlives whoever writes it. One process writes at a time. */
export function eventRecorder(
  { control, clock }: Pick<Ports, "control" | "clock">,
  { job, generation }: { readonly job: string; readonly generation: number },
  before: readonly RecordedEvent[],
): EventRecorder {
  let sequence = before.at(-1)?.sequence ?? 0;
  /** What is met again and again stands in one row, the newest of its kind. */
  const alike = new Map<string, RecordedEvent>();
  const unwritten = new Map<number, RecordedEvent>();
  return {
    note({ kind, text, code, atMs = clock.nowMs() }) {
      const name = JSON.stringify([kind, code, text]);
      const known = code === undefined ? undefined : alike.get(name);
      // Another event has its row by now.
      const isGone = known !== undefined && sequence - known.sequence >= eventsMax;
      const before = isGone ? undefined : known;
      const event: RecordedEvent =
        before === undefined
          ? {
              sequence: ++sequence,
              atMs,
              generation,
              kind,
              text: text.slice(0, textMax),
              ...(code !== undefined && { code }),
            }
          : { ...before, count: (before.count ?? 1) + 1, lastMs: atMs };
      if (alike.size >= eventsMax) alike.clear();
      alike.set(name, event);
      unwritten.set(event.sequence, event);
      for (const oldest of unwritten.keys()) {
        if (unwritten.size <= eventsMax) break;
        unwritten.delete(oldest);
      }
    },
    async write() {
      for (const event of unwritten.values()) {
        await control.put(rowOf(job, event), { kind: "always" });
        if (unwritten.get(event.sequence) === event) unwritten.delete(event.sequence);
      }
    },
  };
}

const rowOf = (job: string, event: RecordedEvent) => ({
  partition: otherRows.events(job),
  sort: String(event.sequence % eventsMax).padStart(3, "0"),
  rank: 0,
  value: toControlValue(event),
});

/** All events that are kept, the oldest first. */
export async function readEvents(
  { control }: Pick<Ports, "control">,
  job: string,
): Promise<readonly RecordedEvent[]> {
  const rows = await control.list(otherRows.events(job));
  return rows
    .map((row) => fromControlValue<RecordedEvent>(row))
    .toSorted((left, right) => left.sequence - right.sequence);
}
