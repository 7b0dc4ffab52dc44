import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedFetch } from "../../../cli/signed-fetch.ts";
import type { DeployedApi } from "../../../console/forward-request.ts";
import type { ServedConsole } from "../../../console/serve-here.ts";
import { serveDeployed } from "../../../console/serve-deployed.ts";
import { deployedApi } from "../../../functions/api/aws-api.ts";
import { type FunctionUrl, serveFunctionUrl } from "../../../localstack/lambda/function-url.ts";
import { rounds } from "../../rounds.ts";
import { invoking } from "../functions/api/invoke-api.ts";
import { eventsOf } from "../http/events-of.ts";
import { plan, serveJob } from "../http/served-job.ts";

const page = "<!doctype html><head><title>page</title></head>";
const bytes = new TextEncoder().encode(page);
const assets = (path: string) => (path === "/" ? { bytes, type: "text/html" } : undefined);
const region = "eu-west-1";
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "secret/+=",
  sessionToken: "s=/+",
};
const send = signedFetch({ region, credentials });

let served: Awaited<ReturnType<typeof serveJob>>;
let reads: FunctionUrl;
let writes: FunctionUrl;
beforeAll(async () => {
  served = await serveJob();
  const { ports } = served;
  const urlOf = async (allowWrites: boolean) => {
    const api = deployedApi({ ports, jobs: async () => [plan.job], allowWrites });
    return await serveFunctionUrl({
      invoke: invoking(api),
      identity: { region, ...credentials },
    });
  };
  reads = await urlOf(false);
  writes = await urlOf(true);
});
afterAll(async () => {
  reads.close();
  writes.close();
  await served.close();
});

/** With the console in front of an API, and the token of its page. */
async function withConsole<T>(
  api: Partial<DeployedApi>,
  use: (console: ServedConsole & { readonly token: string | undefined }) => Promise<T>,
): Promise<T> {
  const console = await serveDeployed({
    api: { url: reads.url, writesUrl: writes.url, send, ...api },
    assets,
  });
  try {
    const text = await (await fetch(console.url)).text();
    return await use({ ...console, token: /content="([0-9a-f]{32})"/.exec(text)?.[1] });
  } finally {
    await console.close();
  }
}

const problemOf = async (asked: Promise<Response>): Promise<readonly [number, string]> => {
  const answer = await asked;
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const { code } = (await answer.json()) as { readonly code: string };
  return [answer.status, code];
};

describe("the console of a deployed job", () => {
  test("asks the API with a signature that AWS would take, whatever stands in path and query", async () => {
    await withConsole({}, async ({ url }) => {
      const rowsOf = async (query: string) =>
        await fetch(`${url}jobs/clicks/tables/totals/rows?${query}`);
      expect(await (await fetch(`${url}jobs/clicks`)).json()).toMatchObject({ job: "clicks" });
      expect((await fetch(`${url}jobs/clicks/operators/totals%2Ftotals`)).status).toBe(200);
      const rows = await rowsOf("where=total%3E%3D9&where=user!%3Du1&limit=2");
      expect(await rows.json()).toMatchObject({ matched: 3 });
      expect(await (await rowsOf("where=user%3Da+b")).json()).toMatchObject({ matched: 0 });
      expect(await (await rowsOf("where=user%3D%C3%A9*'()~")).json()).toMatchObject({ matched: 0 });
    });
  });

  test("passes what is followed on as it comes, and what the viewer had last", async () => {
    await withConsole({}, async ({ url }) => {
      const followed = await fetch(`${url}jobs/clicks/updates`);
      expect(followed.headers.get("content-type")).toBe("text/event-stream");
      const events = eventsOf(followed);
      const { id, data } = await events.next();
      expect(data).toMatchObject({ job: "clicks" });
      await events.close();
      const headers = { "last-event-id": id };
      const again = eventsOf(await fetch(`${url}jobs/clicks/updates`, { headers }));
      expect((await again.next()).id).not.toBe("");
      await again.close();
    });
  });

  test("changes something for the page that it has served, and for nobody else", async () => {
    await withConsole({}, async ({ url, token = "" }) => {
      const post = async (headers: Record<string, string>) =>
        await fetch(`${url}jobs/clicks/savepoints`, {
          method: "POST",
          body: JSON.stringify({ id: "through-the-console" }),
          headers: { "content-type": "application/json", ...headers },
        });
      expect(await problemOf(post({}))).toEqual([403, "token-missing"]);
      expect((await post({ "x-millrace-token": token })).status).toBe(202);
      expect(await problemOf(post({ "x-millrace-token": token }))).toEqual([
        409,
        "savepoint-exists",
      ]);
    });
  });

  test("gives its page no token where the deployment has nothing that changes", async () => {
    await withConsole({ writesUrl: undefined }, async ({ url, token }) => {
      expect(token).toBeUndefined();
      expect((await fetch(`${url}jobs`)).status).toBe(200);
      const asked = fetch(`${url}jobs/clicks/stop`, { method: "POST" });
      expect(await problemOf(asked)).toEqual([403, "token-missing"]);
    });
  });

  test("is kept from other sites and from other names of this machine", async () => {
    await withConsole({}, async ({ url }) => {
      for (const headers of [{ origin: "http://example.com" }, { "sec-fetch-site": "cross-site" }])
        expect(await problemOf(fetch(`${url}jobs`, { headers }))).toEqual([403, "request-refused"]);
      const { headers } = await fetch(`${url}jobs`);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    });
  });

  test("sends nothing elsewhere, whatever path is asked for", async () => {
    const hosts: string[] = [];
    const noting: DeployedApi["send"] = async (request) => {
      hosts.push(request.url.host);
      return await send(request);
    };
    await withConsole({ send: noting }, async ({ url }) => {
      for (const path of ["//127.0.0.1:1/jobs", "/\\127.0.0.1:1/jobs", "///127.0.0.1:1/jobs"])
        expect(await problemOf(fetch(url.replace(/\/$/, path)))).toEqual([404, "route-unknown"]);
    });
    expect(new Set(hosts)).toEqual(new Set([new URL(reads.url).host]));
  });

  test("says whose permission is missing, and that nobody answers", async () => {
    const others = signedFetch({ region, credentials: { ...credentials, secretAccessKey: "x" } });
    await withConsole({ send: others }, async ({ url }) => {
      expect(await problemOf(fetch(`${url}jobs`))).toEqual([403, "api-access-denied"]);
    });
    await withConsole({ url: "http://127.0.0.1:1/" }, async ({ url }) => {
      expect(await problemOf(fetch(`${url}jobs`))).toEqual([503, "api-unavailable"]);
    });
  });
});

test("any path and query is signed as it is sent", async () => {
  const url = await serveFunctionUrl({
    invoke: async () => ({ payload: "", functionError: "Unhandled" }),
    identity: { region, ...credentials },
  });
  const text = fc.string({ unit: "grapheme", maxLength: 8 });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(fc.tuple(text, text)), async (parts, pairs) => {
        const path = parts.map((part) => encodeURIComponent(part)).join("/");
        const query = String(new URLSearchParams(pairs));
        const { status } = await send({
          url: new URL(`/x${path}?${query}`, url.url),
          method: "GET",
          headers: {},
          signal: new AbortController().signal,
        });
        // The function, which is reached, fails.
        expect(status).toBe(502);
      }),
      { numRuns: rounds({ few: 50, many: 1_000 }) },
    );
  } finally {
    url.close();
  }
});
