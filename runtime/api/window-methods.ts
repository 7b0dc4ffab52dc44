import { jobError } from "../errors/millrace-error.ts";
import { durationMs } from "../graph/duration.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { StateDeclarations } from "../graph/state-declarations.ts";
import type { AnyValue, Edge, WindowComputation, WindowNode } from "../graph/node.ts";
import { positiveCount } from "./above-zero.ts";
import type { ResultStream } from "./data-stream.ts";
import { countEvictor } from "./evictors.ts";
import type { NodeDraft } from "./graph-builder.ts";
import type { CountWindowOptions, KeyedStream, WindowOptions } from "./keyed-stream.ts";
import { previously } from "./previously.ts";
import { versionOf } from "./state.ts";
import { countTrigger } from "./triggers.ts";
import type { WindowedStream } from "./windowed-stream.ts";

/** Adds an operator to the graph, and answers what it gives; `method` is the public function that the user called. */
export type AddOperator = (draft: NodeDraft, method: unknown) => ResultStream<AnyValue>;

/** What a window node has before it is said what to make of its windows. */
type WindowParts = Omit<
  WindowNode,
  "id" | "name" | "definedAt" | "kind" | "compute" | "inputs" | "uid"
> & { readonly uid: string };

/** The methods of a keyed stream that group its elements. */
export function windowMethods<T, K extends KeyValue>(
  add: AddOperator,
  edge: Edge,
): Pick<KeyedStream<T, K>, "window" | "countWindow"> {
  const windowed = (parts: WindowParts): WindowedStream<T, K, AnyValue, AnyValue> =>
    windowedStream(parts, (own, method) => add({ ...own, inputs: [edge] }, method));
  return {
    window: (assigner, options) => windowed({ assigner, ...windowParts(options) }),
    countWindow: (options) => windowed(countWindows(options)),
  };
}

/** Flink's countWindow: a global window with a trigger that counts, which forgets its elements, or all but the last ones. */
function countWindows<T>(options: CountWindowOptions<T>): WindowParts {
  const size = positiveCount("size", options.size);
  const slide = options.slide === undefined ? undefined : positiveCount("slide", options.slide);
  return {
    assigner: { kind: "global" },
    ...windowParts<T>({ ...options, trigger: countTrigger(slide ?? size) }),
    ...(slide === undefined
      ? { accumulation: "discarding" }
      : { accumulation: "separate", evictor: countEvictor({ max: size }) }),
  };
}

function windowedStream<T, K extends KeyValue>(
  parts: WindowParts,
  addNode: (
    draft: WindowParts & Pick<WindowNode, "kind" | "compute">,
    method: unknown,
  ) => ResultStream<AnyValue>,
): WindowedStream<T, K, AnyValue, AnyValue> {
  const add = (compute: WindowComputation, method: unknown): ResultStream<AnyValue> =>
    addNode({ kind: "window", ...parts, compute }, method);
  const stream: WindowedStream<T, K, AnyValue, AnyValue> = {
    aggregate: (aggregate: AnyValue, result?: AnyValue) =>
      add(
        { kind: "aggregate", aggregate, ...(result !== undefined && { result }) },
        stream.aggregate,
      ),
    reduce: (reduce: AnyValue, result?: AnyValue) =>
      add({ kind: "reduce", reduce, ...(result !== undefined && { result }) }, stream.reduce),
    process: (process: AnyValue) => add({ kind: "process", process }, stream.process),
  };
  return Object.freeze(stream);
}

/** What a window node has of its options. @throws MillraceError `lateness-invalid` */
export function windowParts<T>(
  options: WindowOptions<T, StateDeclarations>,
): Omit<WindowParts, "assigner"> {
  const { uid, previousUids, trigger, evictor, accumulation, allowedLateness = {} } = options;
  const { lateOutput, globalState } = options;
  const allowedLatenessMs = durationMs(allowedLateness);
  if (allowedLatenessMs < 0)
    throw jobError("lateness-invalid", {
      uid,
      message: `The allowed lateness of window "${uid}" is ${allowedLatenessMs} ms; it must be at least 0.`,
      next: "Write for example allowedLateness: { hours: 6 }.",
    });
  return {
    uid,
    ...previously(previousUids),
    ...(trigger !== undefined && { trigger }),
    ...(evictor !== undefined && { evictor }),
    ...(accumulation !== undefined && { accumulation }),
    ...(globalState !== undefined && { globalState }),
    allowedLatenessMs,
    ...(lateOutput !== undefined && { lateTag: lateOutput.tag }),
    ...versionOf(options),
  };
}
