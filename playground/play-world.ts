import { type EmbeddedRun, runEmbedded } from "../dev/run-embedded.ts";
import { resourceOf } from "../runtime/connectors/sinks.ts";
import { readsStream } from "../runtime/connectors/sources.ts";
import { createStreams, embeddedRuntime } from "../runtime/embedded/job-world.ts";
import type { EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { isMillraceError, jobError } from "../runtime/errors/millrace-error.ts";
import type { Graph } from "../runtime/graph/node.ts";
import type { JobDefinition } from "../runtime/api/job.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import type { ShownResult } from "./play-step.ts";
import { playgroundPorts } from "./playground-ports.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";
import { watchResults } from "./watch-results.ts";

/** A job that runs, on a clock that waits for whoever plays it. */
export interface PlayWorld {
  readonly job: JobRuntime;
  readonly ports: EmbeddedPorts;
  readonly clock: VirtualClock;
  readonly run: EmbeddedRun;
  /** Results since the last call. */
  takeResults(): readonly ShownResult[];
  isOver(): boolean;
  /** @throws what the run failed with. */
  check(): void;
}

/** @throws MillraceError what the planner throws, and `playground-source` for a source that reads no stream. */
export async function startWorld(job: JobDefinition, startMs: number): Promise<PlayWorld> {
  const graph = triedOnce(job.graph);
  const plan = buildPlan(graph);
  checkSources(plan);
  const clock = virtualClock(startMs);
  let results: ShownResult[] = [];
  const ports = watchResults(playgroundPorts(clock), sinkStreamsOf(plan), (result) =>
    results.push(result),
  );
  await createStreams(plan, ports, { source: 1, exchange: 1 });
  const runtime = embeddedRuntime({ graph, plan }, ports);
  let failure: { readonly thrown: unknown } | undefined;
  let isOver = false;
  const fail = (thrown: unknown): void => void (failure ??= { thrown });
  const run = await runEmbedded({
    job: runtime,
    environments: 1,
    tuning: { pollMs, batchWindowMs: 0 },
    coordinator: { tickIntervalMs: pollMs, shardListMs: pollMs, sourceQuietMs: pollMs },
    onError: (thrown) => {
      if (!isMillraceError(thrown) || !thrown.retryable) fail(thrown);
    },
  });
  run.done.then(() => (isOver = true), fail);
  return {
    job: runtime,
    ports,
    clock,
    run,
    takeResults: () => {
      const taken = results;
      results = [];
      return taken;
    },
    isOver: () => isOver,
    check: () => {
      if (failure !== undefined) throw failure.thrown;
    },
  };
}

/** Of the clock's time: whatever comes has gone through all stages long before the next one does. */
const pollMs = 50;

/** What fails is a dead letter at once: nobody wants to watch the same error four times. */
function triedOnce(graph: Graph): Graph {
  return {
    ...graph,
    options: { ...graph.options, restart: { kind: "none" }, operatorRestart: {} },
  };
}

function sinkStreamsOf({ sinks }: Plan): readonly string[] {
  return sinks.map(resourceOf).flatMap(({ kind, name }) => (kind === "stream" ? [name] : []));
}

function checkSources({ job, sources }: Plan): void {
  const other = sources.find((source) => !readsStream(source));
  if (other === undefined) return;
  throw jobError("playground-source", {
    uid: other.uid,
    message: `Source "${other.uid}" of job "${job}" reads no stream, and the playground has nothing else to read.`,
    next: "Read a stream with kinesisSource: its elements are the lines of the input.",
  });
}
