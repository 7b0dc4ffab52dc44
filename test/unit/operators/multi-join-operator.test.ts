import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change, ChangelogMode } from "../../../runtime/graph/change.ts";
import type { JoinedInput, MultiJoinNode } from "../../../runtime/graph/multi-join.ts";
import { multiJoinOperator } from "../../../runtime/operators/multi-join-operator.ts";
import { rounds } from "../../rounds.ts";
import { harness } from "../windows/harness.ts";

type Rules = Omit<JoinedInput, "state" | "name">;

const last = (isRequired = true): Rules => ({ isRequired, keeps: "last" });
const all = (isRequired = true): Rules => ({ isRequired, keeps: "all" });
const names = ["left", "b", "c"] as const;

/** A join of three inputs of texts: "a+b+c", "-" for what isn't there. */
function joining(
  rules: readonly [Rules, Rules, Rules],
  modes: { readonly gives?: ChangelogMode; readonly takes?: ChangelogMode } = {},
  join: MultiJoinNode["join"] = (a, { b, c }) => [a, b ?? "-", c ?? "-"].join("+"),
) {
  const node: MultiJoinNode = {
    kind: "multiJoin",
    id: 1,
    name: "joined",
    uid: "joined",
    inputs: [],
    joined: rules.map((one, at) => ({ ...one, name: names[at]!, state: {} })),
    join,
  };
  const one = harness(
    (parts) => {
      const { pushes, ...operator } = multiJoinOperator(node, parts);
      return { ...operator, push: ([input, value], ...rest) => pushes[input]?.(value, ...rest) };
    },
    { gives: "retract", ...modes },
  );
  const told = () =>
    one.take().map(({ value, timestampMs, change, before }) => {
      const sign = { insert: "+", delete: "-", replace: "~" }[change];
      const was = before === undefined ? "" : ` was ${String(before)}`;
      return `${sign}${String(value)} @${timestampMs}${was}`;
    });
  const take =
    (input: number) => (value: unknown, ms: number, change?: Change, before?: unknown) => {
      // What is replaced comes beside the element.
      one.element("k", [input, value], ms, change, before);
      return told();
    };
  return { ...one, told, a: take(0), b: take(1), c: take(2) };
}

describe("a join of several inputs", () => {
  test("refuses an element that would give more results than a step can hold, and makes none of them", () => {
    const { a, b, c } = joining([all(), all(), all()]);
    for (let n = 0; n < 501; n++) {
      a(`a${n}`, n);
      b(`b${n}`, n);
    }
    expect(() => c("c", 0)).toThrow(/1 × 501 × 501 × 1 rows of one key would give 251001 results/);
  });

  test("gives a result once all that are required have a row, with the latest of their times", () => {
    const { a, b, c } = joining([last(), last(), last()]);
    expect([b("b", 20), c("c", 5)]).toEqual([[], []]);
    expect(a("a", 10)).toEqual(["+a+b+c @20"]);
  });

  test("a row takes the place of the one before, and so does what it is part of", () => {
    const { a, b, c } = joining([last(), last(), last(false)]);
    a("a", 1);
    expect(b("b", 2)).toEqual(["+a+b+- @2"]);
    expect(c("c", 3)).toEqual(["~a+b+c @3 was a+b+-"]);
    expect(b("b2", 1)).toEqual(["~a+b2+c @3 was a+b+c"]);
    expect(c("c", 9, "delete")).toEqual(["~a+b2+- @1 was a+b2+c"]);
    expect(b("b2", 9, "delete")).toEqual(["-a+b2+- @1"]);
    expect(b("never", 9, "delete")).toEqual([]);
  });

  test("the last row of a key stands when another one is withdrawn: one of a stream that has moved to this key", () => {
    const { a, b, c } = joining([last(), last(), last(false)]);
    a("a", 1);
    b("first", 2);
    b("second", 3);
    expect(b("first", 4, "delete")).toEqual([]);
    expect(b("third", 5, "replace", "first")).toEqual(["~a+third+- @5 was a+second+-"]);
    expect(b("second", 6, "delete")).toEqual([]);
    expect(c("c", 7)).toEqual(["~a+third+c @7 was a+third+-"]);
  });

  test("where nobody knows what is withdrawn, it is the only row that there is", () => {
    const { a, b, c } = joining([last(), last(), last(false)], { takes: "upsert" });
    a("a", 1);
    b("b", 2);
    c("c", 3);
    expect(c({ of: "c" }, 4, "delete")).toEqual(["~a+b+- @2 was a+b+c"]);
  });

  test("where nobody asks for the value before, it is not made", () => {
    let calls = 0;
    const { a, b, c } = joining(
      [last(), last(), last(false)],
      { gives: "upsert" },
      () => (calls += 1),
    );
    a("a", 1);
    b("b", 2);
    expect(c("c", 3)).toEqual(["~2 @3"]);
    expect(calls).toBe(2);
  });

  test("all rows meet all rows of the others; the first of an optional input takes the place of nobody", () => {
    const { a, b, c } = joining([all(), all(), all(false)]);
    a("a", 1);
    a("A", 2);
    expect(b("b", 3)).toEqual(["+a+b+- @3", "+A+b+- @3"]);
    expect(c("c", 4)).toEqual(["~a+b+c @4 was a+b+-", "~A+b+c @4 was A+b+-"]);
    expect(c("C", 5)).toEqual(["+a+b+C @5", "+A+b+C @5"]);
    expect(a("a", 6, "delete")).toEqual(["-a+b+c @4", "-a+b+C @5"]);
    expect(c("c", 6, "delete")).toEqual(["-A+b+c @4"]);
    expect(c("C", 6, "delete")).toEqual(["~A+b+- @3 was A+b+C"]);
  });

  test("a row that is replaced among others is the one that is equal", () => {
    const { a, b, c } = joining([all(), all(), all()]);
    for (const row of ["a", "A", "a"]) a(row, 1);
    b("b", 2);
    c("c", 3);
    expect(a("new", 4, "replace", "A")).toEqual(["~new+b+c @4 was A+b+c"]);
    expect(a("none", 5, "delete")).toEqual([]);
  });
});

describe("what a join of several inputs keeps", () => {
  test("another instance goes on from the commit; undo takes all back; nothing is left of what was withdrawn", () => {
    const rules = [all(), last(), last(false)] as const;
    const [one, other] = [joining(rules), joining(rules)];
    one.a("a", 1);
    one.b("b", 2);
    one.told();
    other.apply(one.commit());
    one.a("lost", 2);
    one.undo();
    for (const each of [one, other]) {
      expect(each.c("c", 3)).toEqual(["~a+b+c @3 was a+b+-"]);
      each.a("a", 4, "delete");
      each.b("b", 4, "delete");
      each.c("c", 4, "delete");
      each.commit();
      expect([each.state.keyCount, each.state.bytes]).toEqual([0, 0]);
    }
  });

  test("keys don't meet", () => {
    const { a, element, told } = joining([last(), last(false), last(false)]);
    element("other", [1, "b"], 1);
    expect(told()).toEqual([]);
    expect(a("a", 2)).toEqual(["+a+-+- @2"]);
  });

  test("a function may change what it is given", () => {
    const given: string[] = [];
    const { a, b } = joining(
      [all(), all(), last(false)],
      { gives: "upsert" },
      (one, { b: other }) => {
        given.push(`${one.join()}+${(other as string[]).join()}`);
        one.push("spoilt");
        (other as string[]).push("spoilt");
        return given.length;
      },
    );
    a(["a"], 1);
    a(["A"], 1);
    b(["b"], 1);
    b(["B"], 1);
    expect(given).toEqual(["a+b", "A+b", "a+B", "A+B"]);
  });
});

interface Step {
  readonly input: 0 | 1 | 2;
  readonly value: string;
  readonly deletes: boolean;
}

const someRules = fc.record({
  isRequired: fc.boolean(),
  keeps: fc.constantFrom<"last" | "all">("last", "all"),
});
const someStep: fc.Arbitrary<Step> = fc.record({
  input: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
  value: fc.constantFrom("p", "q", "r"),
  deletes: fc.boolean(),
});

test("what stands after any changes is what a plain join of the rows that stand gives", () => {
  fc.assert(
    fc.property(
      fc.tuple(someRules, someRules),
      fc.constantFrom<"last" | "all">("last", "all"),
      fc.array(someStep, { maxLength: 20 }),
      ([second, third], keeps, steps) => {
        const rules = [{ isRequired: true, keeps }, second, third] as const;
        const joined = joining(rules);
        const rows: [string[], string[], string[]] = [[], [], []];
        for (const { input, value, deletes } of steps) {
          const isLast = rules[input].keeps === "last";
          if (deletes && !isLast && !rows[input].includes(value)) continue;
          joined.element("k", [input, value], 1, deletes ? "delete" : "insert");
          if (isLast && deletes) rows[input] = rows[input].filter((one) => one !== value);
          else if (isLast) rows[input] = [value];
          else if (deletes) rows[input].splice(rows[input].indexOf(value), 1);
          else rows[input].push(value);
        }
        const [a, b, c] = rows.map((own, at) =>
          own.length === 0 && !rules[at]!.isRequired ? ["-"] : own,
        );
        const expected = a!.flatMap((x) => b!.flatMap((y) => c!.map((z) => `${x}+${y}+${z}`)));
        expect(standing(joined.take()).sort()).toEqual(expected.sort());
      },
    ),
    { numRuns: rounds({ few: 300, many: 3_000 }) },
  );
});

/** What is left of results when each takes back what it says. */
function standing(outputs: ReturnType<ReturnType<typeof harness>["take"]>): string[] {
  const left: string[] = [];
  const takeOut = (value: unknown) => {
    expect(left).toContain(value);
    left.splice(left.indexOf(value as string), 1);
  };
  for (const { value, change, before } of outputs) {
    if (change === "replace") takeOut(before);
    if (change === "delete") takeOut(value);
    else left.push(value as string);
  }
  return left;
}
