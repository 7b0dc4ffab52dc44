import type { WindowContext } from "../../graph/functions.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import type { WindowNode } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import type {
  LeftOrRight,
  WindowJoinComputation,
  WindowJoinNode,
} from "../../graph/window-join.ts";
import { givenTo } from "../../operators/given-to.ts";
import { checkJoinSize } from "../../operators/join-size.ts";

type Sided = LeftOrRight<unknown, unknown>;

/** The output for what comes too late, before it is told apart by its side. */
const lateOfBoth = "late";

/** The window that a join is: one over the elements of both inputs (Flink: CoGroupedStreams). */
export function joinedWindow(node: WindowJoinNode): WindowNode {
  const { leftLateTag: _, rightLateTag: __, compute, ...windows } = node;
  const compare = computed(compute);
  return {
    ...windows,
    kind: "window",
    lateTag: lateOfBoth,
    compute: {
      kind: "process",
      process: (elements: readonly Sided[], context: WindowContext<KeyValue>) => {
        const left: unknown[] = [];
        const right: unknown[] = [];
        for (const one of elements)
          if ("left" in one) left.push(one.left);
          else right.push(one.right);
        return compare(left, right, context);
      },
    },
  };
}

type CoGroup = (
  left: readonly unknown[],
  right: readonly unknown[],
  context: WindowContext<KeyValue>,
) => readonly unknown[];

function computed(compute: WindowJoinComputation): CoGroup {
  return compute.kind === "coGroup" ? compute.coGroup : pairsOf(compute);
}

const nobody: readonly undefined[] = [undefined];

/** All pairs, those of the first left element first; where one side has nothing, the elements of the other stand alone, if they may. */
function pairsOf({
  type,
  join,
}: Extract<WindowJoinComputation, { readonly kind: "join" }>): CoGroup {
  const standsAlone = {
    left: type === "left" || type === "full",
    right: type === "right" || type === "full",
  };
  // What it gave is copied as well: it may keep that.
  const own = givenTo(join);
  return (left, right, context) => {
    const lefts = left.length === 0 && standsAlone.right ? nobody : left;
    const rights = right.length === 0 && standsAlone.left ? nobody : right;
    checkJoinSize([lefts.length, rights.length]);
    return lefts.flatMap((one) =>
      rights.map((other) =>
        own(synchronous<unknown>(join(own(one), own(other), context), "the join")),
      ),
    );
  };
}
