import { kinesisSource, printSink } from "../runtime/connectors/index.ts";
import { jobError } from "../runtime/errors/millrace-error.ts";
import type { Graph } from "../runtime/graph/node.ts";
import { type DataStream, defineJob, monotonousTimestamps, unchecked } from "../runtime/index.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import type { Plan } from "../runtime/plan/plan.ts";

/** What a harness is made of: a stream, or some by their names. */
// oxlint-disable-next-line typescript/no-explicit-any
export type HarnessResults = DataStream<any> | { readonly [name: string]: DataStream<any> };

export interface HarnessJob {
  readonly graph: Graph;
  readonly plan: Plan;
  /** Names of the outputs: "" where there is one without. */
  readonly outputs: readonly string[];
}

/** Uid of the source of an input, and of the sink of an output. */
export const inputUid = (input: number): string => `harness-input-${input}`;
export const outputUid = (output: string): string => `harness-output-${output}`;

/** A job whose sources are the parameters of a function, and whose sinks what it answers. */
export function harnessJob(
  build: (...inputs: readonly DataStream<never>[]) => HarnessResults,
  maxParallelism: number,
): HarnessJob {
  if (build.length === 0) throw inputless();
  let outputs: readonly string[] = [];
  const { graph } = defineJob(
    "harness",
    (env) => {
      const inputs = Array.from({ length: build.length }, (_, input) =>
        env.source(kinesisSource({ stream: inputUid(input), schema: unchecked<never>() }), {
          uid: inputUid(input),
          watermarks: monotonousTimestamps(),
        }),
      );
      const results = build(...inputs);
      const streams = isStream(results) ? { "": results } : results;
      outputs = Object.keys(streams);
      for (const [name, stream] of Object.entries(streams))
        stream.sinkTo(printSink({ label: outputUid(name) }), { uid: outputUid(name) });
    },
    { maxParallelism },
  );
  return { graph, plan: buildPlan(graph), outputs };
}

const isStream = (results: HarnessResults): results is DataStream<unknown> =>
  typeof results["sinkTo"] === "function";

function inputless(): Error {
  return jobError("harness-invalid", {
    message: "The function that builds what a harness drives has no parameter.",
    next: "Give it one for each input: harness((orders: DataStream<Order>) => orders.keyBy(…)).",
  });
}
