import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Stack } from "aws-cdk-lib";
import { AttributeType, Table, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { expect, test } from "vitest";
import { loadPlan } from "../../../bundle/load-plan.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import type { MillracePipelineProps } from "../../../cdk/index.ts";
import { type PipelineSettings, settingsOf } from "../../../cdk/pipeline-settings.ts";
import type { GivenTable } from "../../../cdk/props.ts";
import { ordersJob, synthesize, untypedJob } from "./synthesize.ts";

const root = resolve(import.meta.dirname, "../../..");
const numberKey = {
  AttributeDefinitions: [
    { AttributeName: "shop", AttributeType: "S" },
    { AttributeName: "startMs", AttributeType: "N" },
  ],
};
const refusal = (code: string) => expect.objectContaining({ domain: "deployment", code });

test("a table has the types that its sink declares: without them no row would ever be written", () => {
  const { template } = synthesize(() => ({ entry: ordersJob }));
  template.hasResourceProperties("AWS::DynamoDB::Table", {
    ...numberKey,
    KeySchema: [
      { AttributeName: "shop", KeyType: "HASH" },
      { AttributeName: "startMs", KeyType: "RANGE" },
    ],
  });
});

test("the README's job gets the table that it writes, with the README's props", () => {
  const [, app = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(
    readFileSync(join(root, "README.md"), "utf8"),
  )!;
  const props = /new MillracePipeline\(stack, "Pipeline", \{ entry: "([^"]+)" \}\)/.exec(app);
  const { template } = synthesize(() => ({ entry: join(root, props![1]!) }));
  template.hasResourceProperties("AWS::DynamoDB::Table", {
    AttributeDefinitions: [
      { AttributeName: "customer", AttributeType: "S" },
      { AttributeName: "hour", AttributeType: "S" },
    ],
  });
});

/** Each fixture is loaded once. */
const plans = new Map<string, Plan>();
function planOf(entry: string): Plan {
  const plan = plans.get(entry) ?? loadPlan(entry);
  plans.set(entry, plan);
  return plan;
}

/** As the construct takes its props, without the construct. */
function settings(
  entry: string,
  props: (stack: Stack) => Partial<MillracePipelineProps>,
): PipelineSettings {
  return settingsOf({ entry, ...props(new Stack()) }, planOf(entry));
}

test("a table whose key types nobody tells is refused, with what to declare", () => {
  expect(() => synthesize(() => ({ entry: untypedJob }))).toThrow(refusal("key-types-unknown"));
  expect(() => settings(untypedJob, () => ({}))).toThrow(
    /table "revenue"[^]*key: \{ "shop": "string", "startMs": "string" \}/,
  );
});

test.each<[string, readonly string[], readonly string[]]>([
  ["numbers", ["startMs"], ["S", "N"]],
  ["no numbers", [], ["S", "S"]],
])(
  "a sink that declares no types is deployed where the construct is told of %s",
  (_, numbers, types) => {
    const { template } = synthesize(() => ({
      entry: untypedJob,
      numberKeys: { revenue: numbers },
    }));
    const definitions = ["shop", "startMs"].map((AttributeName, at) => ({
      AttributeName,
      AttributeType: types[at],
    }));
    template.hasResourceProperties("AWS::DynamoDB::Table", { AttributeDefinitions: definitions });
  },
);

test("number keys that say other than the sink are refused, and those that say the same are not", () => {
  for (const revenue of [[], ["shop", "startMs"]])
    expect(() => settings(ordersJob, () => ({ numberKeys: { revenue } }))).toThrow(
      refusal("key-types-differ"),
    );
  settings(ordersJob, () => ({ numberKeys: { revenue: ["startMs"] } }));
});

const partitionKey = { name: "shop", type: AttributeType.STRING };
const sortKey = { name: "startMs", type: AttributeType.NUMBER };

test.each([
  ["of another type", { partitionKey, sortKey: { ...sortKey, type: AttributeType.STRING } }],
  ["of binary", { partitionKey: { ...partitionKey, type: AttributeType.BINARY }, sortKey }],
  ["in another order", { partitionKey: sortKey, sortKey: partitionKey }],
  ["without the sort key", { partitionKey }],
])("a given table with a key %s is refused", (_, keys) => {
  for (const Given of [Table, TableV2])
    expect(() =>
      settings(ordersJob, (stack) => ({ tables: { revenue: new Given(stack, "Given", keys) } })),
    ).toThrow(refusal("table-key-mismatch"));
});

test("a given table with the sink's key is taken, and so is one that the CDK doesn't know", () => {
  const given = (entry: string, tableOf: (stack: Stack) => GivenTable) => () =>
    settings(entry, (stack) => ({ tables: { revenue: tableOf(stack) } }));
  for (const Given of [Table, TableV2])
    expect(
      given(ordersJob, (stack) => new Given(stack, "Given", { partitionKey, sortKey })),
    ).not.toThrow();
  expect(given(ordersJob, (stack) => Table.fromTableName(stack, "Given", "revenue"))).not.toThrow();
  expect(given(ordersJob, () => "revenue")).not.toThrow();
  expect(given(untypedJob, () => "revenue")).not.toThrow();
});
