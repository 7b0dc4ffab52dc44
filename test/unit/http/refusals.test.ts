import { expect, test } from "vitest";
import { createApi } from "../../../http/create-api.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";

const api = createApi({ ports: memoryPorts(), jobs: async () => ["quiet"], allowWrites: false });

async function problemAt(path: string, init?: RequestInit) {
  const response = await api.request(path, init);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as { readonly code: string; readonly detail: string };
  return { status: response.status, code: problem.code, detail: problem.detail };
}

const post = (body: string, type = "application/json"): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": type },
});

test.each([
  ["/jobs/other", 404, "job-unknown"],
  ["/jobs/quiet/plan", 404, "plan-unknown"],
  ["/jobs/quiet/checkpoints/1-7", 404, "manifest-missing"],
  ["/jobs/quiet/checkpoints/last", 400, "request-invalid"],
  ["/jobs/quiet/checkpoints?limit=0", 400, "request-invalid"],
  ["/jobs/quiet/checkpoints?limit=1e3", 400, "request-invalid"],
  ["/jobs/quiet/checkpoints?limit=1&limit=2", 400, "request-invalid"],
  ["/jobs/quiet/checkpoints?cursor=1/9", 400, "request-invalid"],
  ["/jobs?verbose=true", 400, "request-invalid"],
  [`/jobs/${"j".repeat(301)}`, 400, "request-invalid"],
  ["/jobs/quiet/%2e%2e/%2e%2e/etc/passwd", 404, "route-unknown"],
  ["/favicon.ico", 404, "route-unknown"],
])("%s is answered with %s %s", async (path, status, code) => {
  expect(await problemAt(path)).toMatchObject({ status, code });
});

test("a fault names the parameter, and unknown ones are refused by name", async () => {
  expect((await problemAt("/jobs/quiet/checkpoints?limit=5000")).detail).toMatch(/limit: /);
  expect((await problemAt("/jobs/quiet/checkpoints?page=2")).detail).toMatch(/unknown page/);
});

test("what can be read only takes no wishes, and each path its own methods only", async () => {
  const asked = await problemAt("/jobs/quiet/savepoints", post("{}"));
  expect(asked).toMatchObject({ status: 403, code: "writes-not-allowed" });
  const wrong = await problemAt("/jobs/quiet", { method: "DELETE" });
  expect(wrong).toMatchObject({ status: 405, code: "method-not-allowed" });
});

test("a body is JSON, says so, is small, and has nothing that nobody reads", async () => {
  const path = "/jobs/quiet/savepoints";
  const invalid = { status: 400, code: "request-invalid" };
  expect(await problemAt(path, post("{"))).toMatchObject(invalid);
  expect(await problemAt(path, post("{}", "text/plain"))).toMatchObject(invalid);
  expect(await problemAt(path, post('{"id":"a/b"}'))).toMatchObject(invalid);
  expect(await problemAt(path, post('{"name":"a"}'))).toMatchObject(invalid);
  const large = post(JSON.stringify({ id: "a".repeat(70_000) }));
  expect(await problemAt(path, large)).toMatchObject({ status: 413, code: "body-too-large" });
});

test("what nobody has foreseen says nothing of itself", async () => {
  const failing = createApi({
    ports: memoryPorts(),
    jobs: async () => {
      throw new Error("secret");
    },
    allowWrites: false,
  });
  const response = await failing.request("/jobs");
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
});
