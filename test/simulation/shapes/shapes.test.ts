import { afterEach, describe, expect, test } from "vitest";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { rounds } from "../../rounds.ts";
import { dice } from "../random.ts";
import { type Outcome, type ShapeCase, takeViolations } from "../shape.ts";
import { shapes } from "./index.ts";
import { plainRun } from "./plain-run.ts";
import { sabotages } from "./sabotage.ts";

afterEach(() => void takeViolations());

/** What a right run has to say of itself. */
function findings(planned: ShapeCase, outcome: Outcome): readonly string[] {
  return [...planned.check(outcome), ...takeViolations()];
}

describe.each(shapes)("$name", (shape) => {
  test.each([3, 1].slice(0, rounds({ few: 1, many: 2 })))(
    "over %i shards, without faults, all is as in the plain loops",
    async (shards) => {
      for (let seed = 1; seed <= rounds({ few: 1, many: 2 }); seed++) {
        const roll = dice(seed * 7919 + shards);
        const planned = shape.plan(roll);
        const outcome = await plainRun(planned, { shards, portion: roll.between(10, 120) });
        expect({ seed, wrong: findings(planned, outcome) }).toEqual({ seed, wrong: [] });
      }
    },
  );

  test("whatever is missing, doubled or changed in the outcome is found", async () => {
    const roll = dice(20_07);
    const planned = shape.plan(roll);
    const outcome = await plainRun(planned, { shards: 2 });
    expect(findings(planned, outcome)).toEqual([]);
    const missed: string[] = [];
    let count = 0;
    const times = rounds({ few: 1, many: 3 });
    for (let round = 0; round < times; round++) {
      for (const { name, outcome: sabotaged } of sabotages(roll, outcome)) {
        count += 1;
        if (planned.check(sabotaged).length === 0) missed.push(name);
      }
    }
    expect(missed).toEqual([]);
    expect(count).toBeGreaterThan(10 * times);
  });

  test("a seed gives the same case every time, of at least 200 records, some of which fail", () => {
    for (let seed = 1; seed <= rounds({ few: 2, many: 5 }); seed++) {
      const planned = shape.plan(dice(seed));
      expect(planned.feed.length).toBeGreaterThanOrEqual(200);
      expect(shape.plan(dice(seed)).feed).toEqual(planned.feed);
      const nothing: Outcome = {
        tables: new Map(),
        appended: new Map(),
        files: new Map(),
        deadLetters: [],
        state: new Map(),
        sources: new Map(),
      };
      expect(planned.check(nothing).join(" ")).toContain("The dead letters lack");
    }
  });

  test("the next version of the job can take over its state", () => {
    const { job, redeployed } = shape.plan(dice(1));
    expect(redeployed).not.toBe(job);
    expect(buildPlan(redeployed!.graph).fingerprint).toBe(buildPlan(job.graph).fingerprint);
  });
});

describe.each(shapes.filter(({ name }) => /tumbling|sliding|session|idle|aligned/.test(name)))(
  "lateness of $name",
  (shape) => {
    test("an item that came in time can't be called late", async () => {
      const planned = shape.plan(dice(5));
      const outcome = await plainRun(planned, { shards: 3 });
      const late = outcome.appended.get("late")!;
      const [first] = planned.feed.flatMap(({ data }) => itemIn(data));
      const values = [...late.values, first];
      const appended = new Map(outcome.appended).set("late", { ...late, values, ids: [] });
      expect(planned.check(outcome)).toEqual([]);
      expect(planned.check({ ...outcome, appended })).not.toEqual([]);
    });
  },
);

function itemIn(data: Uint8Array): readonly unknown[] {
  try {
    const item = JSON.parse(new TextDecoder().decode(data)) as { readonly trap?: string };
    return item.trap === undefined ? [item] : [];
  } catch {
    return [];
  }
}
