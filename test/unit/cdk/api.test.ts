import { type Policy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Stream, StreamEncryption } from "aws-cdk-lib/aws-kinesis";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { putAgain } from "../../../dev/index.ts";
import { createApi } from "../../../http/create-api.ts";
import type { PutAgain } from "../../../http/served-store.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { serveJob, someClicks } from "../http/served-job.ts";
import { noting } from "./called-actions.ts";
import { listed } from "./listed-permissions.ts";
import {
  propertiesOf,
  type Statement,
  statementsOf,
  synthesize,
  type Synthesized,
} from "./synthesize.ts";
import { guardedProps } from "./guarded.ts";

let both: Synthesized;
let readsOnly: Synthesized;
beforeAll(() => {
  both = synthesize(() => ({ api: { writes: true } }));
  readsOnly = synthesize(() => ({ api: true }));
});

describe("the API of a pipeline", () => {
  test("is not there unless it is asked for, and then reads, and changes something only where that is asked for", () => {
    const urls = ({ template }: Synthesized) =>
      Object.keys(propertiesOf(template, "AWS::Lambda::Url")).map((id) =>
        id.replace(/FunctionUrl.*/, ""),
      );
    expect(urls(synthesize())).toEqual([]);
    expect(urls(readsOnly)).toEqual(["PipelineApiReads"]);
    expect(urls(both)).toEqual(["PipelineApiReads", "PipelineApiWrites"]);
  });

  test("answers in streams, and only who has signed the request and may", () => {
    for (const url of Object.values(propertiesOf(both.template, "AWS::Lambda::Url"))) {
      expect(url).toMatchObject({ AuthType: "AWS_IAM", InvokeMode: "RESPONSE_STREAM" });
      expect(url).not.toHaveProperty("Cors");
    }
    expect(propertiesOf(both.template, "AWS::Lambda::Permission")).toEqual({});
  });

  test("tells its functions which of the two they are", () => {
    const allowed = Object.entries(propertiesOf(both.template, "AWS::Lambda::Function")).flatMap(
      ([id, { Environment }]) => {
        const { MILLRACE_API: allows } = Environment.Variables as Record<string, string>;
        return allows === undefined ? [] : [[id.replace(/[0-9A-F]{8}$/, ""), allows]];
      },
    );
    expect(allowed).toEqual([
      ["PipelineApiReads", "reads"],
      ["PipelineApiWrites", "writes"],
    ]);
  });

  test("has the coordinator write samples for its charts", () => {
    const written = ({ template }: Synthesized) =>
      Object.values(propertiesOf(template, "AWS::Lambda::Function")).filter(
        ({ Environment }) => Environment.Variables["MILLRACE_SAMPLE_EVERY_MS"] === "10000",
      );
    expect(written(both)).toHaveLength(1);
    expect(written(synthesize())).toEqual([]);
  });

  test("stands in the outputs, where commands look for it", () => {
    const connection = (synthesized: Synthesized): string => {
      const outputs = synthesized.template.findOutputs("*");
      const [, found] = Object.entries(outputs).find(([id]) =>
        id.startsWith("PipelineConnection"),
      )!;
      return JSON.stringify(found);
    };
    expect(connection(both)).toContain("MILLRACE_API_URL");
    expect(connection(both)).toContain("MILLRACE_API_WRITES_URL");
    expect(connection(readsOnly)).not.toContain("MILLRACE_API_WRITES_URL");
    expect(connection(synthesize())).not.toContain("MILLRACE_API");
  });

  test("may do exactly this", () => {
    expect(listed(both.template, "ApiReads")).toEqual([
      "-: logs:CreateLogStream logs:PutLogEvents on ApiReadsLog",
      "ControlRows: dynamodb:GetItem dynamodb:Query on JobTable",
      "ListBucket: s3:ListBucket on Bucket",
      "JobObjects: s3:GetObject on Bucket/orders/*",
      "ReadResults: dynamodb:Scan on Tablesrevenue",
    ]);
    expect(listed(both.template, "ApiWrites")).toEqual([
      "-: logs:CreateLogStream logs:PutLogEvents on ApiWritesLog",
      "ListShards: kinesis:ListShards on Streamsorders Exchange",
      "ControlRows: dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query on JobTable",
      "ListBucket: s3:ListBucket on Bucket",
      "JobObjects: s3:DeleteObject s3:GetObject s3:PutObject on Bucket/orders/*",
      "PutAgain: kinesis:PutRecords on Streamsorders",
    ]);
  });

  test("has no wildcard but the keys of the job's objects", () => {
    const names = ({ template }: Synthesized) =>
      statementsOf(template)
        .filter(({ Action, Resource }) => JSON.stringify([Action, Resource]).includes("*"))
        .map(({ Sid }) => Sid)
        .toSorted();
    expect(names(both)).toEqual([...names(synthesize()), "JobObjects", "JobObjects"].toSorted());
  });

  test("reads what a key of a stream's encrypts only where it puts into it", () => {
    const { template } = synthesize((stack) => ({
      api: { writes: true },
      sources: {
        orders: new Stream(stack, "Given", {
          encryption: StreamEncryption.KMS,
          encryptionKey: new Key(stack, "Key"),
        }),
      },
    }));
    expect(listed(template, "ApiWrites")).toContain("-: kms:Decrypt kms:GenerateDataKey on Key");
    expect(JSON.stringify(listed(template, "ApiReads"))).not.toContain("kms:");
  });
});

describe("what the API calls", () => {
  let served: Awaited<ReturnType<typeof serveJob>>;
  beforeAll(async () => {
    served = await serveJob();
  });
  afterAll(async () => await served.close());

  /** What requests called, of ports by the actions that they need. */
  async function calledBy(ask: (api: Hono) => Promise<void>): Promise<readonly string[]> {
    const called = new Set<string>();
    const ports = noting(served.ports, called);
    await ask(
      createApi({
        ports,
        jobs: async () => ["clicks"],
        allowWrites: true,
        putAgain: putAgainTo(ports),
      }),
    );
    return [...called].toSorted();
  }

  test("is allowed where it reads", async () => {
    const paths =
      "|/plan|/operators/totals|/checkpoints|/checkpoints/1-1|/savepoints|/events|/exceptions|/samples|/deadletters|/state|/state/totals/total?key=%22u1%22|/state/totals/total/history?key=%22u1%22|/tables/totals/rows".split(
        "|",
      );
    const called = await calledBy(async (api) => {
      for (const path of ["/jobs", "/metrics", ...paths.map((path) => `/jobs/clicks${path}`)])
        expect(`${path}: ${(await api.request(path)).status}`).toBe(`${path}: 200`);
      const { letters } = (await (await api.request("/jobs/clicks/deadletters")).json()) as Letters;
      const id = encodeURIComponent(letters[0]!.id);
      expect((await api.request(`/jobs/clicks/deadletters/${id}`)).status).toBe(200);
    });
    expect(called).toEqual([
      "control: dynamodb:GetItem",
      "control: dynamodb:Query",
      "log: dynamodb:Query",
      "objects: s3:GetObject",
      "objects: s3:ListBucket",
      "tables: dynamodb:Scan",
    ]);
  });

  test("is allowed where it changes something", async () => {
    // What stands in a stream alone can be put into it again.
    await served.putTexts([["nobody", "no JSON"]]);
    await served.untilTaken(someClicks.length + 1);
    const called = await calledBy(async (api) => {
      const post = async (path: string, body: object): Promise<number> => {
        const headers = { "content-type": "application/json" };
        const request = { method: "POST", body: JSON.stringify(body), headers };
        return (await api.request(`/jobs/clicks${path}`, request)).status;
      };
      expect(await post("/savepoints", { id: "second" })).toBe(202);
      expect(await post("/deadletters/replay", { all: true })).toBe(200);
      expect(await post("/deadletters/discard", { all: true })).toBe(200);
      expect(await post("/stop", {})).toBe(202);
    });
    expect(called).toEqual([
      "control: dynamodb:GetItem",
      "control: dynamodb:PutItem",
      "control: dynamodb:Query",
      "objects: s3:DeleteObject",
      "objects: s3:GetObject",
      "objects: s3:ListBucket",
      "writer: kinesis:PutRecords",
    ]);
  });
});

interface Letters {
  readonly letters: readonly { readonly id: string }[];
}

const putAgainTo =
  ({ writer, clock }: Ports): PutAgain =>
  async (stream, put) =>
    await putAgain({ writer, clock, stream, ...put });

describe("people and programs", () => {
  const granted = (grant: "grantReadApi" | "grantWriteApi") => {
    const { pipeline, stack } = both;
    const person = new Role(stack, grant, {
      assumedBy: new ServicePrincipal("ec2.amazonaws.com"),
    });
    pipeline[grant](person);
    const { document } = person.node.findChild("DefaultPolicy") as Policy;
    const { Statement: statements } = stack.resolve(document.toJSON()) as {
      readonly Statement: readonly Statement[];
    };
    return statements;
  };

  test.each([
    ["grantReadApi", "PipelineApiReads"],
    ["grantWriteApi", "PipelineApiWrites"],
  ] as const)("with %s may invoke this function, by its URL, and no other", (grant, id) => {
    const statements = granted(grant);
    expect(statements.map(({ Action }) => Action)).toEqual([
      "lambda:InvokeFunctionUrl",
      "lambda:InvokeFunction",
    ]);
    for (const { Resource } of statements)
      expect(Resource).toEqual({ "Fn::GetAtt": [expect.stringMatching(id) as string, "Arn"] });
    expect(statements[1]).toMatchObject({
      Condition: { Bool: { "lambda:InvokedViaFunctionUrl": true } },
    });
  });

  test.each(["grantReadApi", "grantWriteApi"] as const)(
    "are told that there is nothing to be granted: %s",
    (grant) => {
      const { pipeline, stack } = synthesize();
      const person = new Role(stack, "Person", {
        assumedBy: new ServicePrincipal("ec2.amazonaws.com"),
      });
      expect(() => pipeline[grant](person)).toThrow(
        expect.objectContaining({ code: "api-missing", domain: "deployment" }),
      );
    },
  );
});

test.each([
  [new AwsSolutionsChecks(), {}],
  [new ServerlessChecks(), {}],
  [new AwsSolutionsChecks(), { isGuarded: true }],
  [new ServerlessChecks(), { isGuarded: true }],
])(
  "cdk-nag finds nothing that isn't acknowledged with a reason: %#",
  (pack, { isGuarded }: { isGuarded?: boolean }) => {
    const { app } = synthesize((stack) => ({
      api: { writes: true },
      ...(isGuarded && guardedProps(stack)),
    }));
    const { violations } = pack.validateScope(app);
    expect(violations.map(({ ruleName, description }) => `${ruleName}: ${description}`)).toEqual(
      [],
    );
  },
);
