import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { afterAll, describe, expect, test } from "vitest";
import { compareWithDeployed } from "../../../cdk/compare-with-deployed.ts";
import { settingsOf } from "../../../cdk/pipeline-settings.ts";
import type { MillracePipelineProps } from "../../../cdk/index.ts";
import { loadPlan } from "../../../bundle/index.ts";
import { type StateVersion, tumblingWindows, valueState } from "../../../runtime/index.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import { append, orders, planOf } from "../plan/fixture/jobs.ts";
import { ordersJob, synthesize, withoutCode } from "./synthesize.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-plans-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(content: unknown): string {
  const file = join(folder, `${Math.abs(hash(JSON.stringify(content)))}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const hash = (text: string): number =>
  Array.from(text).reduce((sum, sign) => (Math.imul(sum, 31) + sign.charCodeAt(0)) | 0, 7);

interface Variant {
  readonly key?: "shop" | "item";
  readonly uid?: string;
  readonly states?: readonly string[];
  readonly version?: StateVersion<number>;
  readonly maps?: number;
  readonly windows?: boolean;
}

/** A job whose operator keeps totals, changed in one way. */
function totals({ key = "shop", uid = "totals", states = ["total"], ...more }: Variant = {}): Plan {
  const { version = {}, maps = 0, windows = false } = more;
  return planOf((env) => {
    let stream = orders(env);
    for (let count = 0; count < maps; count++) stream = stream.map((order) => order);
    const keyed = stream.keyBy((order) => order[key]);
    keyed
      .process({
        uid,
        state: Object.fromEntries(states.map((name) => [name, valueState<number>(version)])),
        onElement() {},
      })
      .sinkTo(append(), { uid: "out" });
    if (windows)
      keyed
        .window(tumblingWindows({ size: { hours: 1 } }), { uid: "hourly" })
        .process((all) => [all.length])
        .sinkTo(append(), { uid: "hours" });
  });
}

function compared(deployed: unknown, plan: Plan, props: Partial<MillracePipelineProps> = {}) {
  const stack = new Stack(new App({ context: withoutCode }), "Orders");
  const given = { entry: "jobs/orders.ts", stateOf: fileWith(deployed), ...props };
  compareWithDeployed(stack, plan, settingsOf(given, plan));
  return stack.node.metadata.filter(({ type }) => type === "aws:cdk:warning");
}

describe("a job that is deployed over its state", () => {
  test("goes on in place where only its code has changed", () => {
    expect(compared(totals(), totals())).toEqual([]);
    expect(compared(totals(), totals({ maps: 2 }))).toEqual([]);
  });

  test("is compared with a plan or with the manifest that holds it", () => {
    expect(compared({ format: 1, status: "complete", plan: totals() }, totals())).toEqual([]);
  });

  test.each<[string, string, Variant, Variant, RegExp]>([
    ["another uid", "state-not-restored", {}, { uid: "sums" }, /"totals" .*state "total"/],
    ["another key", "state-incompatible", {}, { key: "item" }, /keyed by "shop".*by "item"/],
    ["a removed state", "state-not-restored", { states: ["a", "b"] }, { states: ["a"] }, /"b"/],
    [
      "a new version without migrate",
      "state-incompatible",
      {},
      { version: { version: 2 } },
      /version 1, but the job declares version 2 without migrate/,
    ],
  ])("stops the synthesis with %s", (_, code, before, after, message) => {
    const plan = totals(after);
    expect(() => compared(totals(before), plan)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });

  test("may leave state behind where it is told to, and is told to restore like that", () => {
    const [warning] = compared(totals(), totals({ uid: "sums" }), { allowNonRestoredState: true });
    expect(warning?.data).toContain(
      'run "millrace restore latest jobs/orders.ts --allow-non-restored-state"',
    );
  });

  test("warns, and says how, where the state fits but does not come along by itself", () => {
    const [warning] = compared(totals(), totals({ windows: true }));
    expect(warning?.data).toMatch(/millrace stop.*deploy.*millrace restore latest jobs/);
    const migrated = totals({ version: { version: 2, migrate: () => 0 } });
    expect(compared(totals(), migrated)).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["plan-file-invalid", "no JSON"],
    ["plan-file-invalid", { format: 2 }],
    ["plan-of-another-job", { ...totals(), job: "payments" }],
  ])("is refused with %s for a file that tells nothing about it: %o", (code, content) => {
    expect(() => compared(content, totals())).toThrow(expect.objectContaining({ code }));
  });

  test("is refused where the file isn't there, and learns how to write it", () => {
    expect(() => compared({}, totals(), { stateOf: join(folder, "none.json") })).toThrow(
      /plan-file-missing|can't be read[\s\S]*millrace explain jobs\/orders.ts --json >/,
    );
  });

  test("is compared by the construct too, with what `millrace explain --json` wrote", () => {
    const deployed = loadPlan(ordersJob);
    synthesize(() => ({ stateOf: fileWith(deployed) }));
    const saved = JSON.stringify(deployed).replaceAll('"uid":"hourly"', '"uid":"by-hour"');
    const changed = { ...(JSON.parse(saved) as Plan), fingerprint: "0123456789abcdef" };
    expect(() => synthesize(() => ({ stateOf: fileWith(changed) }))).toThrow(
      /Operator "by-hour" \(window\)/,
    );
  });
});
