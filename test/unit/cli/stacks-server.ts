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
  close(): Promise<void>;
}

/** CloudFormation's DescribeStacks and GetTemplate and Lambda's GetAccountSettings (their API references), and nothing else of them. */
export async function stacksServer(): Promise<StacksServer> {
  const world: Pick<StacksServer, "deployed" | "reserved" | "limits"> = {
    deployed: {},
    reserved: 0,
    limits: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
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

const missing = (name: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
