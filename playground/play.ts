import { readsStream } from "../runtime/connectors/sources.ts";
import type { JobDefinition } from "../runtime/api/job.ts";
import { readDeadLetters } from "../runtime/job/dead-letter-objects.ts";
import { lateByOperator } from "../runtime/job/late-elements.ts";
import {
  listProgress,
  type SlotProgress,
  type WrittenMs,
  written,
} from "../runtime/job/progress.ts";
import { objectPrefixes } from "../runtime/layout/names.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { elementReader } from "./element-reader.ts";
import { firedWindows } from "./fired-windows.ts";
import { type InputLine, inputLines } from "./input-lines.ts";
import type { PlayStep, StepCause } from "./play-step.ts";
import { type PlayWorld, startWorld } from "./play-world.ts";
import { stateReader } from "./read-state.ts";

export interface PlayOptions {
  /** JSON lines; of a job that reads several streams each with its stream's name before it. */
  readonly input: string;
  /** How long after a line the next one comes, in ms of the run's clock. 0: all come at once. Default: 1,000. */
  readonly everyMs?: number;
  /** Whether the streams end behind the last line. Default: true. */
  readonly ends?: boolean;
}

/**
 * Runs a job over given input in memory, line by line, and tells after each what has happened: the engine that is deployed, on a clock
 * that passes as fast as the work is done. The same job and input give the same steps.
 * @throws MillraceError `input-stream-unknown`, `playground-source`, and whatever the job throws where it can't go on.
 */
export async function* play(job: JobDefinition, options: PlayOptions): AsyncGenerator<PlayStep> {
  const { input, everyMs = 1_000, ends = true } = options;
  const sources = buildPlan(job.graph).sources.filter(readsStream);
  const streams = sources.map(({ stream }) => stream);
  const lines = inputLines(input, streams);
  const elementsOf = elementReader(job.graph);
  const startMs = Math.max(0, firstTimeMs(lines.flatMap((line) => elementsOf(line, unknownMs))));
  const world = await startWorld(job, startMs);
  const look = observer(world);
  try {
    for (const group of everyMs === 0 ? [lines] : lines.map((line) => [line])) {
      const elements = group.flatMap((line) => elementsOf(line, world.clock.nowMs()));
      for (const line of group) await put(world, line);
      await pass(world, Math.max(everyMs, settleMs));
      const [only] = group;
      const isOne = everyMs > 0 && only !== undefined;
      yield await look(
        isOne ? { kind: "line", line: only.line, elements } : { kind: "lines", elements },
      );
    }
    if (!ends) return;
    for (const stream of streams) await world.ports.admin.endStream(stream);
    await passToEnd(world);
    yield await look({ kind: "end" });
  } finally {
    world.run.stop();
    await pass(world, stopMs);
  }
}

const unknownMs = Number.NaN;
const settleMs = 1_000;
const stopMs = 5_000;
/** So long after the end of its streams a job is watched; timers of processing time behind that are skipped to. */
const endMaxMs = 600_000;

const defaultStartMs = Date.UTC(2026, 0, 1);

function firstTimeMs(elements: readonly { readonly timestampMs?: number }[]): number {
  const times = elements.flatMap(({ timestampMs = Number.NaN }) =>
    Number.isFinite(timestampMs) ? [timestampMs] : [],
  );
  return times[0] ?? defaultStartMs;
}

async function put({ ports }: PlayWorld, { stream, document }: InputLine): Promise<void> {
  const data = new TextEncoder().encode(document);
  await ports.writer.put(stream, [{ partitionKey: document.slice(0, 256), data }]);
}

async function pass(world: PlayWorld, durationMs: number): Promise<void> {
  await world.clock.passTo(world.clock.nowMs() + durationMs);
  world.check();
}

async function passToEnd(world: PlayWorld): Promise<void> {
  const { clock } = world;
  for (let passedMs = 0; passedMs < endMaxMs && !world.isOver(); passedMs += settleMs) {
    await pass(world, settleMs);
    const timers = (await progressOf(world)).flatMap(({ nextTimerMs = [] }) => nextTimerMs);
    // What is left waits for a timer of processing time: it need not be waited for.
    if (timers.length > 0) clock.skipTo(Math.min(...timers));
  }
}

const progressOf = ({ job }: PlayWorld): Promise<readonly SlotProgress[]> =>
  listProgress(job.ports, { job: job.plan.job, generation: 1 });

/** Looks at a job after each step: what stands in its rows, logs and objects, as it would for anyone else. */
function observer(world: PlayWorld): (cause: StepCause) => Promise<PlayStep> {
  const readState = stateReader(world.job);
  const stageOf = new Map(
    world.job.plan.stages.flatMap(({ id, operators }) =>
      operators.map(({ uid = "" }): [string, string] => [uid, id]),
    ),
  );
  const lettersUnder = objectPrefixes.deadLetters({ job: world.job.plan.job, generation: 1 });
  let before = { windows: [] as PlayStep["windows"], late: {} as PlayStep["late"], letters: 0 };
  return async (cause) => {
    const progress = await progressOf(world);
    const { windows, state } = await readState();
    const late = lateByOperator(progress.map(({ counters }) => counters));
    const letters = await readDeadLetters(world.ports.objects, lettersUnder);
    const watermarks = lowestWatermarks(progress);
    const step: PlayStep = {
      cause,
      atMs: world.clock.nowMs(),
      watermarks,
      windows,
      fired: firedWindows(before.windows, windows, (operator) => {
        return watermarks[stageOf.get(operator) ?? ""] ?? "none";
      }),
      results: world.takeResults(),
      late: difference(late, before.late),
      deadLetters: letters.slice(before.letters).map(({ kind, operator, reason, payload }) => ({
        kind,
        ...(operator !== undefined && { operator }),
        reason,
        payload,
      })),
      state,
    };
    before = { windows, late, letters: letters.length };
    return step;
  };
}

/** Of each stage that of its slowest slot. */
function lowestWatermarks(progress: readonly SlotProgress[]): Readonly<Record<string, WrittenMs>> {
  const lowest: Record<string, number> = {};
  for (const { watermarks } of progress)
    for (const [stage, { ms }] of Object.entries(watermarks))
      lowest[stage] = Math.min(lowest[stage] ?? Number.POSITIVE_INFINITY, ms);
  return Object.fromEntries(Object.entries(lowest).map(([stage, ms]) => [stage, written(ms)]));
}

function difference(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(now)
      .map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)])
      .filter(([, count]) => count > 0),
  );
}
