import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveFolder } from "../../../console/serve-folder.ts";
import { durablePorts } from "../../../runtime/embedded/ports.ts";
import { rounds } from "../../rounds.ts";

const page = "<!doctype html><head><title>page</title></head>";
const bytes = new TextEncoder().encode(page);
const assets = (path: string) => (path === "/" ? { bytes, type: "text/html" } : undefined);

let folder: string;
let served: Awaited<ReturnType<typeof serveFolder>>;
let token: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  durablePorts(folder).close();
  served = await serveFolder({ dir: folder, assets });
  const text = await (await fetch(served.url)).text();
  token = /<meta name="millrace-token" content="([0-9a-f]{32})"><\/head>/.exec(text)![1]!;
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Unlike fetch it sends whatever path and headers it is told to. */
async function send(path: string, { method = "GET", headers = {}, body = "" }: Sent = {}) {
  const { hostname, port } = new URL(served.url);
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const codeOf = ({ text }: { readonly text: string }) => (JSON.parse(text) as { code: string }).code;

test("pages of other sites, and names that lead here, are refused", async () => {
  const host = new URL(served.url).host;
  const headersOf = [
    { host: "example.com" },
    { host: "127.0.0.1.example.com" },
    { origin: "http://example.com" },
    { origin: "null" },
    { origin: `https://${host}` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const path of ["/jobs", "/", "/openapi.json"])
    for (const headers of headersOf) {
      const refused = await send(path, { headers });
      expect([refused.status, codeOf(refused)], JSON.stringify(headers)).toEqual([
        403,
        "request-refused",
      ]);
      expect(refused.text).not.toContain(token);
    }
  const own = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
  expect((await send("/jobs", { headers: own })).status).toBe(200);
});

test("an origin that is given reads views, and nothing else", async () => {
  const origin = "https://example.com";
  const viewed = await serveFolder({ dir: folder, assets, origins: [origin] });
  try {
    const ask = async (path: string, headers: object, method = "GET") =>
      await fetch(`${viewed.url}${path}`, { method, headers: { ...headers } });
    const allowedBy = (answer: Response) => answer.headers.get("access-control-allow-origin");
    const plan = await ask("jobs/none/plan", { origin, "sec-fetch-site": "cross-site" });
    expect([plan.status, allowedBy(plan)]).toEqual([404, origin]);
    const asked = await ask("jobs/none/tables/some/updates", { origin }, "OPTIONS");
    expect([asked.status, allowedBy(asked)]).toEqual([204, origin]);
    for (const path of ["", "jobs", "jobs/none", "jobs/none/deadletters", "jobs/none/state/a/b"])
      expect((await ask(path, { origin })).status, path).toBe(403);
    const written = { origin, "x-millrace-token": token };
    expect((await ask("jobs/none/plan", written, "POST")).status).toBe(403);
    const other = await ask("jobs/none/plan", { origin: "https://example.org" });
    expect([other.status, allowedBy(other)]).toEqual([403, null]);
    // Its own page sees what it saw before.
    expect(allowedBy(await ask("jobs", {}))).toBe(null);
  } finally {
    await viewed.close();
  }
});

test("a link leads to the page, and not to the API", async () => {
  const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  expect((await send("/", { headers })).status).toBe(200);
  expect((await send("/jobs", { headers })).status).toBe(403);
});

test("what changes something needs the token of the page", async () => {
  const path = "/jobs/none/savepoints";
  for (const headers of [{}, { "x-millrace-token": "0".repeat(32) }, { "x-millrace-token": "" }]) {
    const refused = await send(path, { method: "POST", headers, body: "{}" });
    expect([refused.status, codeOf(refused)]).toEqual([403, "token-missing"]);
  }
  const headers = { "x-millrace-token": token, "content-type": "application/json" };
  const asked = await send(path, { method: "POST", headers, body: "{}" });
  expect([asked.status, codeOf(asked)]).toEqual([404, "job-unknown"]);
});

test("every answer forbids what a page doesn't need", async () => {
  for (const path of ["", "jobs", "nothing"]) {
    const { headers } = await fetch(`${served.url}${path}`);
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe|\*|http/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("a port that is taken is named", async () => {
  const port = Number(new URL(served.url).port);
  await expect(serveFolder({ dir: folder, port })).rejects.toMatchObject({ code: "port-in-use" });
});

const visible = fc.string({
  unit: fc.constantFrom(...Array.from("abcz019/.%?&=#~:@!*'()-_+,;[]{}|\\^`\"<>")),
  maxLength: 60,
});
const place = fc.constantFrom("", "jobs", "jobs/a", "jobs/a/checkpoints", "jobs/a/deadletters");
const path = fc.oneof(
  fc.tuple(place, visible).map(([start, rest]) => `/${start}/${rest}`),
  fc.tuple(place, visible, visible).map(([start, name, value]) => `/${start}?${name}=${value}`),
  fc.constantFrom(
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/jobs/%00",
    "/jobs/%ff",
    "//x",
  ),
  fc.constantFrom("/jobs/a/deadletters/..%2f..%2fmillrace.db:0", "/jobs/%E0%A4%A", "*", "/%"),
);
const malformed = fc.record({
  path,
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"),
  body: fc.oneof(fc.string({ maxLength: 200 }), fc.json(), fc.constant("{".repeat(5_000))),
  type: fc.constantFrom("application/json", "text/plain", "application/json; charset=utf-7", ""),
  host: fc.constantFrom(undefined, "localhost", "[::1]:1", "x", "", "127.0.0.1:99999999"),
});

test("malformed requests are refused: none fails, hangs or makes anything", async () => {
  await fc.assert(
    fc.asyncProperty(malformed, async ({ path: at, method, body, type, host }) => {
      const headers = {
        "x-millrace-token": token,
        "content-type": type,
        ...(host !== undefined && { host }),
      };
      const isBare = method === "GET" || method === "HEAD" || method === "TRACE";
      const { status } = await send(at, { method, headers, body: isBare ? "" : body });
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: rounds({ few: 200, many: 1_000 }) },
  );
  expect(existsSync(join(folder, "objects"))).toBe(false);
  expect((await fetch(`${served.url}jobs`)).status).toBe(200);
});

test("what is no HTTP ends the connection, and nothing else", async () => {
  const { hostname, port } = new URL(served.url);
  for (const text of [
    "\0\0\0\0",
    "GET /jobs\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  ])
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(text));
      socket.on("error", () => {}).on("close", () => resolve());
      socket.resume();
    });
  expect((await fetch(`${served.url}jobs`)).status).toBe(200);
});

test("viewers who leave are forgotten, however they do: more come and go than may view at once", async () => {
  const dir = join(folder, "viewed");
  durablePorts(dir).close();
  // A job of which only savepoints are there.
  mkdirSync(join(dir, "objects", "quiet", "manifests"), { recursive: true });
  const viewed = await serveFolder({ dir });
  const { port } = new URL(viewed.url);
  const firstLine = async (): Promise<string> =>
    await new Promise((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.write("GET /jobs/quiet/updates HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      );
      socket.on("error", reject);
      socket.once("data", (data: Buffer) => {
        socket.destroy();
        resolve(data.toString().split("\r\n")[0]!);
      });
    });
  for (let round = 0; round < 15; round++) {
    const lines = await Promise.all(Array.from({ length: 10 }, firstLine));
    expect(new Set(lines)).toEqual(new Set(["HTTP/1.1 200 OK"]));
  }
  await viewed.close();
});
