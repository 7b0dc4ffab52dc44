import type { SinkWrite } from "../../graph/connectors.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import type { KeyByNode, SinkNode } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import { copyInPassing } from "../../serde/copy-value.ts";
import { failIn } from "../../operators/contract.ts";
import { operatorName } from "../../plan/operator-name.ts";
import type { Stage, StageKey } from "../../plan/plan.ts";
import { packMessage } from "../../serde/msgpack.ts";
import { murmur3 } from "../../serde/murmur3.ts";
import type { JobRuntime } from "../../job/job-runtime.ts";

/** By which key a keyed stage is fed, and whose failure it is where an element has none. */
export interface KeySelector {
  select(value: unknown): KeyValue;
  fail(thrown: unknown, value: unknown): never;
}

/** Of an input of a stage: the selector of a keyBy, or of the sink in front of which the planner put an exchange (protocol 3.8). */
export function keySelector(
  job: Pick<JobRuntime, "graph">,
  stage: Stage,
  keyedBy: StageKey,
): KeySelector {
  const { node, kind, fields = [] } = keyedBy;
  return kind === "sink"
    ? ofSink(stage, job.graph.nodes[node] as SinkNode, fields)
    : ofKeyBy(stage, keyedBy, job.graph.nodes[node] as KeyByNode);
}

function ofKeyBy(stage: Stage, { fields }: StageKey, keyBy: KeyByNode): KeySelector {
  const selector = failingAs(stage, { name: keyBy.name, node: keyBy.id });
  // It is called wherever the element arrives. One that was seen to take fields does nothing else; another may change what it is given.
  const takesFields = fields !== undefined;
  if (keyBy.spread === "evenly") return { ...selector, select: wholeKey(selector) };
  return {
    ...selector,
    select(value) {
      try {
        return synchronous(keyBy.select(takesFields ? value : copyInPassing(value)), "keyBy");
      } catch (thrown) {
        return selector.fail(thrown, value);
      }
    },
  };
}

/** A number made of all of an element: the same wherever it arrives, and in every replay. */
function wholeKey({ fail }: Pick<KeySelector, "fail">): KeySelector["select"] {
  return (value) => {
    try {
      return murmur3(packMessage(value, "What is spread evenly"));
    } catch (thrown) {
      return fail(thrown, value);
    }
  };
}

function ofSink(stage: Stage, { sink, uid, id }: SinkNode, fields: readonly string[]): KeySelector {
  const selector = failingAs(stage, { uid: uid ?? "sink", name: "sink", node: id });
  return {
    ...selector,
    select(value) {
      try {
        const write = sink.encode(sink.copies === true ? value : copyInPassing(value), "insert");
        return fields.map((field) => keyField(write, field));
      } catch (thrown) {
        return selector.fail(thrown, value);
      }
    },
  };
}

function failingAs(
  stage: Stage,
  named: Parameters<typeof operatorName>[1],
): Pick<KeySelector, "fail"> {
  const operator = operatorName(stage, named);
  return {
    fail: (thrown, value) =>
      failIn(named.uid ?? named.name, thrown, { operator, element: { value } }),
  };
}

function keyField(write: SinkWrite, field: string): KeyValue {
  const value = "key" in write ? write.key[field] : undefined;
  if (value === undefined) throw new Error(`The row has no key attribute "${field}".`);
  return value;
}
