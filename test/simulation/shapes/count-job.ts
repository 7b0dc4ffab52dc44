import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  valueState,
} from "../../../runtime/index.ts";
import { checkOrder, springTrap } from "./item.ts";
import { readItems, type ReadOptions } from "./source.ts";
import { jobOptions, type JobVariant } from "./variants.ts";

export interface Count {
  readonly key: string;
  readonly n: number;
  readonly sum: number;
  readonly id: string;
}

/** A rolling count by key: the row of a key is replaced by every element, and every count is appended as well. */
export function countJob(name: string, variant: JobVariant, options: ReadOptions): JobDefinition {
  return defineJob(
    name,
    (env) => {
      const counts = readItems(env, "items", options)
        .keyBy((item) => item.key)
        .process({
          uid: "count",
          state: {
            n: valueState<number>(),
            sum: valueState<number>(),
            last: mapState<string, number>(),
          },
          emits: elementType<Count>(),
          onElement(item, ctx) {
            const { state, key } = ctx;
            const n = (state.n.get() ?? 0) + 1;
            state.n.set(n);
            springTrap(item, "count");
            checkOrder(name, item, state.last);
            const sum = (state.sum.get() ?? 0) + item.value;
            state.sum.set(sum);
            ctx.emit({ key, n, sum, id: item.id });
          },
        });
      counts.sinkTo(
        dynamodbSink({
          table: "counts",
          key: ["key"],
          toRow: ({ key, n, sum }) => ({ key, n, sum }),
        }),
        { uid: "count-rows" },
      );
      counts.sinkTo(
        kinesisSink({
          stream: "count-log",
          partitionKey: ({ key }) => key,
          toRecord: ({ key, n, id }) => ({ key, n, id }),
        }),
        { uid: "count-log" },
      );
    },
    jobOptions(variant),
  );
}
