import { isMillraceError } from "../errors/millrace-error.ts";
import { readGeneration } from "../job/generation.ts";
import { readPressure } from "../job/pressure.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import type { Ports } from "../ports/index.ts";
import { beginningOf, eventRecorder, type EventToRecord, readEvents } from "./events.ts";
import { watermarkLagOf } from "./health.ts";
import { livingSlots, sumOf, totalsOf } from "./living-slots.ts";
import { type JobSample, sampleEveryMs, sampleRecorder } from "./samples.ts";

/** Writes down what happens to a job while a process runs it. */
export interface History {
  note(event: EventToRecord): void;
  /** Called as often as one likes: takes a sample, and writes what was noted, when it is time. */
  tick(): Promise<void>;
  /** Writes what was noted. */
  close(): Promise<void>;
}

type HistoryPorts = Pick<Ports, "control" | "clock">;

/** Begins with the start of the process, and with the generation where that is new. */
export async function recordHistory(
  ports: HistoryPorts,
  place: { readonly job: string; readonly generation: number },
): Promise<History> {
  const { job } = place;
  const before = await readEvents(ports, job);
  const events = eventRecorder(ports, place, before);
  const record = sampleRecorder(ports, job);
  const generation = await readGeneration(ports, job);
  if (generation !== undefined && !before.some((event) => event.generation === place.generation))
    events.note(beginningOf({ ...generation, generation: place.generation }));
  events.note({ kind: "started", text: "a process began to run the job" });
  let tickMs = Number.NEGATIVE_INFINITY;
  return {
    note: events.note,
    tick: async () => {
      const nowMs = ports.clock.nowMs();
      if (nowMs - tickMs < sampleEveryMs) return;
      tickMs = nowMs;
      await unlessBusy(async () => {
        await events.write();
        await record(await sampleOf(ports, place, nowMs));
      });
    },
    close: () => unlessBusy(events.write),
  };
}

/** History is no reason to end a job, nor to fail one that has ended: a busy store costs this much of it. */
async function unlessBusy(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (thrown) {
    if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
  }
}

async function sampleOf(
  ports: HistoryPorts,
  { job, generation }: { readonly job: string; readonly generation: number },
  nowMs: number,
): Promise<JobSample> {
  const rows = await listProgress(ports, { job, generation });
  const pressure = await readPressure(ports, job);
  return sampleOfRows(rows, { generation, nowMs, exchangeLagMs: pressure?.exchangeLagMs ?? 0 });
}

/** What a job has come to, as its slots show. */
export function sampleOfRows(
  rows: readonly SlotProgress[],
  about: { readonly generation: number; readonly nowMs: number; readonly exchangeLagMs: number },
): JobSample {
  const { generation, nowMs, exchangeLagMs } = about;
  const living = livingSlots(rows);
  const { records, deadLetters, stateBytes, keys } = totalsOf(living);
  const watermarkLagMs = watermarkLagOf(living, nowMs);
  return {
    atMs: nowMs,
    generation,
    records,
    commits: sumOf(rows, ({ version }) => version),
    deadLetters,
    stateBytes,
    keys,
    exchangeLagMs,
    ...(watermarkLagMs !== undefined && { watermarkLagMs }),
  };
}
