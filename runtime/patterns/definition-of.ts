import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { PatternDefinition, PatternNode } from "../graph/pattern.ts";
import type { OperatorParts } from "../operators/contract.ts";
import { murmur3 } from "../serde/murmur3.ts";
import { checkPattern } from "./check-stages.ts";
import { compileNfa } from "./compile-nfa.ts";
import { patternOperator } from "./pattern-operator.ts";
import { isNegative, namedStages, type Stage } from "./stage.ts";

/** What the graph holds of a pattern. It is compiled where it is looked for first, and once. */
export function definitionOf(stages: readonly Stage[]): PatternDefinition {
  const identity = stages.map(dataOf);
  let compiled: Parameters<typeof patternOperator>[0] | undefined;
  const compile = () =>
    (compiled ??= {
      nfa: compileNfa(stages),
      signature: murmur3(utf8ToBytes(JSON.stringify(identity))),
    });
  return Object.freeze({
    stages: namedStages(stages)
      .filter((stage) => !isNegative(stage))
      .map(({ name = "" }) => name),
    identity,
    check: (node: PatternNode) => checkPattern(node, stages, compile().nfa),
    operator: (node: PatternNode, parts: OperatorParts) => patternOperator(compile(), node, parts),
  });
}

/** All of a stage that isn't a function, field by field in one order. */
function dataOf({ group, condition, until, ...stage }: Stage): object {
  const fields = Object.entries(stage).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...Object.fromEntries(fields),
    hasCondition: condition !== undefined,
    hasUntil: until !== undefined,
    ...(group !== undefined && { group: group.map(dataOf) }),
  };
}
