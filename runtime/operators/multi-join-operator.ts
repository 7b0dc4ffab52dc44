import type { MultiJoinNode } from "../graph/multi-join.ts";
import { synchronous } from "../graph/synchronous.ts";
import { failIn, type OperatorParts, type Push } from "./contract.ts";
import { givenTo } from "./given-to.ts";
import { checkJoinSize } from "./join-size.ts";
import { joinedRows, type Row } from "./joined-rows.ts";
import type { KeyedInputs } from "./keyed.ts";

/** A row of each input, in their order; undefined where one has none and needs none. */
type Combination = readonly (Row | undefined)[];

interface Result {
  readonly value: unknown;
  readonly timestampMs: number;
}

/**
 * Rows of several inputs under one key. Each is kept once, whatever the number of inputs: a chain of joins of two keeps what the first ones give
 * again for those behind them. What a change of an input does to the results is told by the rows that go and come, with all combinations of the others'.
 */
export function multiJoinOperator(node: MultiJoinNode, parts: OperatorParts): KeyedInputs {
  const { runtime, output, gives, takes } = parts;
  const { uid = node.name } = node;
  const knowsBefore = takes !== "upsert";
  const tables = node.joined.map((input) => joinedRows(runtime, { uid, input, knowsBefore }));
  const resultOf = resultsOf(node, parts);

  function checkSize(counts: readonly number[]): void {
    try {
      checkJoinSize(counts);
    } catch (thrown) {
      failIn(uid, thrown);
    }
  }

  function give(gone: Combination | undefined, come: Combination | undefined): void {
    if (come === undefined) {
      if (gone === undefined) return;
      const { value, timestampMs } = resultOf(gone);
      return output.emit(value, timestampMs, "delete");
    }
    const before = gone === undefined || gives !== "retract" ? undefined : resultOf(gone);
    const { value, timestampMs } = resultOf(come);
    output.emit(value, timestampMs, gone === undefined ? "insert" : "replace", before?.value);
  }

  const pushOf =
    (input: number): Push =>
    (value, timestampMs, change, before) => {
      const table = tables[input] as (typeof tables)[number];
      const { gone, come } = table.change({ value, timestampMs, change, before });
      const count = Math.max(gone.length, come.length);
      if (count === 0) return;
      const others = tables.map((other) => (other === table ? [undefined] : other.standing()));
      checkSize([count, ...others.map(({ length }) => length)]);
      for (const combination of combinationsOf(others)) {
        const withRow = (row: Row | undefined) => combination.with(input, row);
        for (let at = 0; at < count; at++)
          give(
            at < gone.length ? withRow(gone[at]) : undefined,
            at < come.length ? withRow(come[at]) : undefined,
          );
      }
    };

  return {
    pushes: tables.map((_, input) => pushOf(input)),
    onTimer: () => undefined,
    passOver: () => undefined,
  };
}

function combinationsOf(rows: readonly Combination[]): readonly Combination[] {
  return rows.reduce<readonly Combination[]>(
    (combined, own) => combined.flatMap((rest) => own.map((row) => [...rest, row])),
    [[]],
  );
}

/** What the user's function makes of a combination. */
function resultsOf({ uid, name, joined, join }: MultiJoinNode, { runtime }: OperatorParts) {
  // What it gave is copied as well: it may keep that.
  const own = givenTo(join);
  return ([first, ...rest]: Combination): Result => {
    const times = [first, ...rest].map((row) => row?.[1] ?? Number.NEGATIVE_INFINITY);
    const timestampMs = Math.max(...times);
    const others: Record<string, unknown> = {};
    for (const [at, row] of rest.entries()) others[joined[at + 1]?.name ?? ""] = own(row?.[0]);
    try {
      const context = { key: runtime.current.key, timestampMs };
      const value = synchronous<unknown>(join(own(first?.[0]), others, context), "the join");
      return { value: own(value), timestampMs };
    } catch (thrown) {
      return failIn(uid ?? name, thrown);
    }
  };
}
