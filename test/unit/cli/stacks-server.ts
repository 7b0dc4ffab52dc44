import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Stacks by name, with their outputs by key. */
export type DeployedStacks = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface StacksServer {
  readonly url: string;
  /** What is deployed from now on. */
  deployed: DeployedStacks;
  close(): Promise<void>;
}

/** CloudFormation's DescribeStacks (its API reference), and nothing else of it. */
export async function stacksServer(): Promise<StacksServer> {
  const world: { deployed: DeployedStacks } = { deployed: {} };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const name = new URLSearchParams(body).get("StackName") ?? "";
      const outputs = world.deployed[name];
      response.setHeader("content-type", "text/xml");
      response.statusCode = outputs === undefined ? 400 : 200;
      response.end(outputs === undefined ? missing(name) : described(name, outputs));
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
