import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, describe, expect, test } from "vitest";
import { eventSourceControl } from "../../../runtime/aws/event-source-control.ts";
import { lambdaSlotInvoker } from "../../../runtime/aws/lambda-slot-invoker.ts";

/** A Lambda endpoint that answers what it is told to, and keeps what it was asked. */
async function lambdaEndpoint(
  answer: (path: string) => {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body: unknown;
  },
) {
  const asked: { readonly path: string; readonly body: string; readonly type: unknown }[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({
        path: request.url ?? "",
        body,
        type: request.headers["x-amz-invocation-type"],
      });
      const { status = 200, headers = {}, body: sent } = answer(request.url ?? "");
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(sent));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new LambdaClient({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxAttempts: 1,
  });
  const close = async (): Promise<void> => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  return { client, asked };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const sound = {
  EventSourceArn: "arn:aws:kinesis:us-east-1:1:stream/visits",
  State: "Enabled",
  ParallelizationFactor: 1,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
  FunctionResponseTypes: ["ReportBatchItemFailures"],
};

describe("the check of event source mappings", () => {
  test("finds nothing wrong with a mapping as the construct makes it", async () => {
    const { client } = await lambdaEndpoint(() => ({ body: { EventSourceMappings: [sound] } }));
    expect(await eventSourceControl({ client, functionName: "process" }).check(["visits"])).toEqual(
      [],
    );
  });

  test("knows the mapping of a stream that is read by a consumer of its own", async () => {
    const arn = `${sound.EventSourceArn}/consumer/millrace-visits:1700000000`;
    const mapping = { ...sound, EventSourceArn: arn };
    const { client } = await lambdaEndpoint(() => ({ body: { EventSourceMappings: [mapping] } }));
    const { check } = eventSourceControl({ client, functionName: "process" });
    expect(await check(["visits"])).toEqual([]);
    expect(await check(["sits"])).toMatchObject([{ stream: "sits" }]);
  });

  test("reads every page", async () => {
    const { client } = await lambdaEndpoint((path) =>
      path.includes("Marker=next")
        ? { body: { EventSourceMappings: [sound] } }
        : { body: { EventSourceMappings: [], NextMarker: "next" } },
    );
    expect(await eventSourceControl({ client, functionName: "process" }).check(["visits"])).toEqual(
      [],
    );
  });

  test.each([
    [{ State: "Disabled" }, /state is Disabled/],
    [{ ParallelizationFactor: 2 }, /parallelization factor is 2; it must be 1/],
    [{ MaximumRetryAttempts: 3 }, /gives up after 3 retries/],
    [{ MaximumRecordAgeInSeconds: 60 }, /drops records older than 60 s/],
    [{ FunctionResponseTypes: [] }, /batch item failures/],
    [{ EventSourceArn: "arn:aws:kinesis:us-east-1:1:stream/other" }, /missing/],
  ])("says what is wrong with %o", async (change, fault) => {
    const { client } = await lambdaEndpoint(() => ({
      body: { EventSourceMappings: [{ ...sound, ...change }] },
    }));
    const faults = await eventSourceControl({ client, functionName: "process" }).check(["visits"]);
    expect(faults).toEqual([{ stream: "visits", fault: expect.stringMatching(fault) as string }]);
  });
});

describe("the direct invocation of a slot", () => {
  test("sends the slot's stream and shard to the process function", async () => {
    const { client, asked } = await lambdaEndpoint(() => ({ body: { batchItemFailures: [] } }));
    await lambdaSlotInvoker({ client, functionName: "process" }).invoke({
      stream: "visits",
      shardId: "shardId-000000000001",
    });
    expect(asked[0]?.path).toContain("/functions/process/invocations");
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      millrace: { stream: "visits", shardId: "shardId-000000000001" },
    });
  });

  test("waits for no more than that Lambda has taken it down: the leader ticks meanwhile", async () => {
    const { client, asked } = await lambdaEndpoint(() => ({ status: 202, body: "" }));
    await lambdaSlotInvoker({ client, functionName: "process" }).invoke({
      stream: "visits",
      shardId: "shardId-000000000001",
    });
    expect(asked[0]?.type).toBe("Event");
  });

  test("fails retryably where Lambda refuses it", async () => {
    const { client } = await lambdaEndpoint(() => ({
      status: 500,
      body: { message: "boom" },
    }));
    await expect(
      lambdaSlotInvoker({ client, functionName: "process" }).invoke({
        stream: "visits",
        shardId: "shardId-000000000001",
      }),
    ).rejects.toMatchObject({
      code: "invocation-failed",
      retryable: true,
      message: expect.stringContaining("boom") as string,
    });
  });
});
