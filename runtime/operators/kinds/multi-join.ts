import { jobError } from "../../errors/millrace-error.ts";
import { firstInput, type MultiJoinNode } from "../../graph/multi-join.ts";
import { keyedInputs } from "../keyed.ts";
import { multiJoinOperator } from "../multi-join-operator.ts";
import type { OperatorSpec } from "../spec.ts";
import { versioned } from "../versioned.ts";

/** With each input the combinations multiply, and so do the streams that the watermark waits for. */
const inputsMax = 16;

export const multiJoin: OperatorSpec<MultiJoinNode> = {
  inputs: "many",
  functions: ({ join }) => ({ "": join }),
  states: ({ joined }) =>
    joined
      .map(({ name, state }) => ({ name, kind: "join-rows" as const, ...versioned(state) }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  identity: ({ joined }) => ({
    joined: joined.map(({ name, isRequired, keeps }) => ({ name, isRequired, keeps })),
  }),
  changelog: {
    gives: (cause, given) => {
      const why = given === undefined ? whyOf(cause) : "joins rows that are replaced";
      return why === undefined ? undefined : { cause, why, isTimeStable: false };
    },
    // The last row of a key stands when another one is withdrawn, where it is known which one that is.
    needsBefore: ({ joined }, { isKnown }, input) => joined[input]?.keeps === "all" || isKnown,
    // Where all rows of a key are kept, a result is not told by the key.
    givesBefore: ({ joined }) => joined.some(({ keeps }) => keeps === "all"),
  },
  check: checkInputs,
  create: keyedInputs(multiJoinOperator),
};

function whyOf({ joined }: MultiJoinNode): string | undefined {
  if (joined.some(({ keeps }) => keeps === "last"))
    return "takes each row of a key for its last one";
  return joined.every(({ isRequired }) => isRequired)
    ? undefined
    : "gives rows before those of all inputs are there";
}

function checkInputs({ uid = "", joined }: MultiJoinNode): void {
  const names = joined.slice(1).map(({ name }) => name);
  const refused = names.find(
    (name) => !/^(?!__proto__$)[A-Za-z0-9._-]{1,64}$/.test(name) || name === firstInput,
  );
  const fault =
    names.length === 0 || names.length >= inputsMax
      ? `joins with ${names.length} streams`
      : refused !== undefined && `calls one of its streams ${JSON.stringify(refused)}`;
  if (fault === false) return;
  throw jobError("join-inputs-invalid", {
    uid,
    message: `The join "${uid}" ${fault}; it takes 1 to ${inputsMax - 1}, under names of 1 to 64 characters of A-Z a-z 0-9 . _ - that are not "${firstInput}".`,
    next: "Name each stream after what it brings: { payment: { stream: payments } }.",
  });
}
