import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Stacks by name, with their outputs by key. */
export type DeployedStacks = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface StacksServer {
  readonly url: string;
  /** What is deployed from now on. */
  deployed: DeployedStacks;
  /** Concurrent executions that the template of a deployed stack reserves. */
  reserved: number;
  /** Of the account. */
  limits: {
    readonly ConcurrentExecutions: number;
    readonly UnreservedConcurrentExecutions: number;
  };
  /** Of the account: shards that it may have and has, and write units of a table. */
  quotas: {
    readonly ShardLimit: number;
    readonly OpenShardCount: number;
    readonly writeUnits: number;
  };
  /** How far the clock of the answers is ahead of this machine's. */
  aheadMs: number;
  /** Every call is refused for its credentials. */
  denies: boolean;
  close(): Promise<void>;
}

/** CloudFormation's DescribeStacks and GetTemplate, Lambda's GetAccountSettings and both DescribeLimits (their API references), and nothing else of them. */
export async function stacksServer(): Promise<StacksServer> {
  const world: Omit<StacksServer, "url" | "close"> = {
    deployed: {},
    reserved: 0,
    quotas: { ShardLimit: 500, OpenShardCount: 3, writeUnits: 40_000 },
    aheadMs: 0,
    denies: false,
    limits: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      response.setHeader("date", new Date(Date.now() + world.aheadMs).toUTCString());
      const target = String(request.headers["x-amz-target"]);
      if (world.denies && request.headers.authorization !== undefined) {
        response.statusCode = 403;
        response.setHeader("x-amzn-errortype", "UnrecognizedClientException");
        response.setHeader("content-type", "application/json");
        const refusal = { __type: "UnrecognizedClientException", message: "The token is invalid." };
        const isQuery = request.headers["content-type"]?.includes("urlencoded") === true;
        response.end(isQuery ? denied : JSON.stringify(refusal));
        return;
      }
      if (target.endsWith(".DescribeLimits")) {
        response.setHeader("content-type", "application/x-amz-json-1.1");
        response.end(JSON.stringify(limitsOf(target, world.quotas)));
        return;
      }
      if (request.url?.includes("account-settings") === true) {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ AccountLimit: world.limits }));
        return;
      }
      const parameters = new URLSearchParams(body);
      const name = parameters.get("StackName") ?? "";
      const outputs = world.deployed[name];
      response.setHeader("content-type", "text/xml");
      response.statusCode = outputs === undefined ? 400 : 200;
      if (outputs === undefined) response.end(missing(name));
      else if (parameters.get("Action") === "GetTemplate") response.end(templateOf(world.reserved));
      else response.end(described(name, outputs));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(world, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function templateOf(ReservedConcurrentExecutions: number): string {
  const Process = { Type: "AWS::Lambda::Function", Properties: { ReservedConcurrentExecutions } };
  const text = JSON.stringify({ Resources: { Process } });
  return `<GetTemplateResponse><GetTemplateResult><TemplateBody>${text}</TemplateBody></GetTemplateResult></GetTemplateResponse>`;
}

function described(name: string, outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
  );
  return (
    `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName>` +
    `<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus>` +
    `<Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
  );
}

const denied = `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The token is invalid.</Message></Error></ErrorResponse>`;

function limitsOf(target: string, { writeUnits, ...shards }: StacksServer["quotas"]): object {
  if (target.startsWith("Kinesis"))
    return { ...shards, OnDemandStreamCount: 0, OnDemandStreamCountLimit: 50 };
  return {
    AccountMaxReadCapacityUnits: 80_000,
    AccountMaxWriteCapacityUnits: 80_000,
    TableMaxReadCapacityUnits: writeUnits,
    TableMaxWriteCapacityUnits: writeUnits,
  };
}

const missing = (name: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
