import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../../../http/routes/index.ts";
import { serveJob } from "./served-job.ts";

let served: Awaited<ReturnType<typeof serveJob>>;
beforeAll(async () => void (served = await serveJob()));
afterAll(async () => await served.close());

/** What a path answers: nothing that its route's schema doesn't name. */
async function answerOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await served.get(path);
  const body = (await response.json()) as Readonly<Record<string, unknown>>;
  expect(response.status, JSON.stringify(body)).toBe(200);
  const [place = ""] = path.split("?");
  const route = routes.find(
    (one) =>
      one.method === "get" &&
      new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(place),
  );
  expect(route!.answerSchema.parse(body)).toEqual(body);
  return body;
}

test("jobs are listed with what they have done", async () => {
  expect(await answerOf("/jobs")).toEqual({
    jobs: [
      expect.objectContaining({
        job: "clicks",
        state: "running",
        generation: 1,
        records: 60,
        deadLetters: 1,
        completedEpoch: 1,
      }) as unknown,
    ],
  });
});

test("a job's status has its slots, its operators, and how far they have come", async () => {
  const status = await answerOf("/jobs/clicks");
  expect(status).toMatchObject({
    job: "clicks",
    state: "running",
    keys: 7,
    epochs: { completed: 1, failedInARow: 0 },
    watermarksMs: { totals: 1_055_999 },
    lateElements: {},
  });
  const slots = status["slots"] as readonly { readonly owner: string }[];
  expect(slots.map(({ owner }) => owner)).toEqual(["clicks", "clicks", "exchange", "exchange"]);
  expect(status["operators"]).toContainEqual(
    expect.objectContaining({ name: "totals/totals", received: 59, deadLetters: 1 }),
  );
});

test("what an operator's functions count stands in its status, and in the plan what it is", async () => {
  const status = await answerOf("/jobs/clicks");
  expect(status["operators"]).toContainEqual(
    expect.objectContaining({
      name: "totals/totals",
      metrics: {
        seen: { kind: "counter", count: 59 },
        opened: { kind: "meter", count: 118 },
        highest: { kind: "gauge", value: 9, over: "max" },
        totals: { kind: "histogram", bounds: [2, 8], counts: [14, 41, 4], sum: 280 },
      },
    }),
  );
  const { operator } = await answerOf("/jobs/clicks/operators/totals");
  expect(operator).toMatchObject({
    metrics: { seen: { kind: "counter", description: "Clicks that came" } },
  });
});

test("a plan is a graph: stages, where operators are defined, and edges between them", async () => {
  const plan = await answerOf("/jobs/clicks/plan");
  expect(plan).toMatchObject({
    sources: [{ uid: "clicks", type: "kinesis", stream: "clicks" }],
    stages: [
      { id: "clicks", kind: "source", owner: "clicks" },
      { id: "totals", kind: "exchange", owner: "exchange", key: "user" },
    ],
    edges: [
      { from: "clicks/clicks", to: "totals/totals", route: "key", changes: "append" },
      { from: "clicks/clicks", to: "totals/windows", route: "key", changes: "append" },
      { from: "totals/totals", to: "totals/totals-rows", route: "chain", changes: "append" },
      { from: "totals/windows", to: "totals/counts-rows", route: "chain", changes: "append" },
    ],
  });
  const stages = plan["stages"] as readonly { readonly operators: readonly object[] }[];
  expect(stages[1]!.operators[0]).toMatchObject({
    name: "totals/totals",
    kind: "process",
    definedAt: expect.stringMatching(/served-job\.ts:\d+:\d+$/) as string,
  });
});

test("an operator is found by its name and by its uid, with what each slot has come to", async () => {
  const byName = await answerOf("/jobs/clicks/operators/totals%2Ftotals");
  expect(await answerOf("/jobs/clicks/operators/totals")).toEqual(byName);
  const slots = byName["slots"] as readonly { readonly received: number }[];
  expect(slots).toHaveLength(2);
  expect(slots.reduce((sum, { received }) => sum + received, 0)).toBe(59);
});

test("checkpoints have counts, percentiles, the job's configuration, and each slot's share", async () => {
  const checkpoints = await answerOf("/jobs/clicks/checkpoints");
  expect(checkpoints).toMatchObject({
    counts: { complete: 1, expired: 0, savepoints: 1 },
    configuration: { retain: 3, onCancel: "retain" },
    history: [{ name: "1/1", status: "complete", savepoint: "first", slots: 4 }],
  });
  const { p50, p99, max } = (
    checkpoints["summary"] as { durationMs: Readonly<Record<string, number>> }
  ).durationMs;
  expect([p50, p99]).toEqual([max, max]);
  const one = await answerOf("/jobs/clicks/checkpoints/1-1");
  expect(await answerOf("/jobs/clicks/checkpoints/1")).toMatchObject({ slots: one["slots"] });
  const slots = one["slots"] as readonly { readonly slot: string; readonly records: number }[];
  const taken = slots.filter(({ slot }) => slot.startsWith("clicks/"));
  expect(taken.reduce((sum, { records }) => sum + records, 0)).toBe(60);
});

test("a savepoint is asked for, is taken, and is not asked for twice", async () => {
  const asked = await served.post("/jobs/clicks/savepoints", { id: "second" });
  expect([asked.status, await asked.json()]).toEqual([202, { id: "second", generation: 1 }]);
  const again = await served.post("/jobs/clicks/savepoints", { id: "second" });
  expect([again.status, await again.json()]).toEqual([
    409,
    expect.objectContaining({ code: "savepoint-exists", type: "urn:millrace:savepoint-exists" }),
  ]);
  for (;;) {
    const { savepoints } = (await answerOf("/jobs/clicks/savepoints")) as {
      readonly savepoints: readonly { readonly savepoint: string }[];
    };
    if (savepoints[0]?.savepoint === "second") break;
    await served.ports.clock.sleep(5);
  }
  const { history, next } = await answerOf("/jobs/clicks/checkpoints?limit=1");
  expect(history).toEqual([expect.objectContaining({ savepoint: "second" })]);
  expect(await answerOf(`/jobs/clicks/checkpoints?cursor=${String(next)}`)).toMatchObject({
    history: [{ savepoint: "first" }],
  });
});

test("dead letters come a page at a time, cut in the list and whole by their ids", async () => {
  const { letters } = (await answerOf("/jobs/clicks/deadletters")) as {
    readonly letters: readonly { readonly id: string; readonly reason: string }[];
  };
  expect(letters).toEqual([
    expect.objectContaining({
      kind: "user-code",
      operator: "totals",
      error: "TypeError",
    }) as unknown,
  ]);
  const [{ id } = { id: "" }] = letters;
  expect(await answerOf(`/jobs/clicks/deadletters/${encodeURIComponent(id)}`)).toEqual(letters[0]);
  expect(await answerOf("/jobs/clicks/deadletters?operator=windows")).toEqual({ letters: [] });
  for (const wrong of ["exchange/shard:0", "../../x:0", "x", `${id}1`]) {
    const response = await served.get(`/jobs/clicks/deadletters/${encodeURIComponent(wrong)}`);
    expect([response.status, ((await response.json()) as { code: string }).code], wrong).toEqual([
      404,
      "letter-unknown",
    ]);
  }
});

test("a job's history has its generation, its checkpoints, and what was written down", async () => {
  const { history } = served;
  history.note({ kind: "error", code: "batch-failed", text: "no page" });
  history.note({ kind: "error", code: "batch-failed", text: "no page" });
  await history.tick();
  await history.close();
  const { events } = (await answerOf("/jobs/clicks/events")) as {
    readonly events: readonly { readonly kind: string; readonly text: string }[];
  };
  const kinds = events.map(({ kind }) => kind);
  for (const kind of ["deployed", "started", "savepoint", "error"]) expect(kinds).toContain(kind);
  expect(kinds.filter((kind) => kind === "deployed")).toHaveLength(1);
  expect(await answerOf("/jobs/clicks/events?kind=error")).toMatchObject({
    events: [{ text: "no page (2 times)", code: "batch-failed", generation: 1 }],
  });
  const first = await answerOf("/jobs/clicks/events?limit=1");
  const rest = await answerOf(`/jobs/clicks/events?cursor=${String(first["next"])}`);
  expect([...(first["events"] as object[]), ...(rest["events"] as object[])]).toEqual(events);
  expect(await answerOf("/jobs/clicks/exceptions")).toMatchObject({
    exceptions: [{ kind: "error", code: "batch-failed", message: "no page", count: 2 }],
    retrying: [],
  });
  const { samples } = (await answerOf("/jobs/clicks/samples")) as {
    readonly samples: readonly { readonly atMs: number }[];
  };
  expect(samples).toEqual([expect.objectContaining({ records: 60, keys: 7, generation: 1 })]);
  const since = await answerOf(`/jobs/clicks/samples?sinceMs=${samples[0]!.atMs}`);
  expect(since).toEqual({ samples: [] });
});

test("a key's state is as it is now, with the version that it is of", async () => {
  const { states } = (await answerOf("/jobs/clicks/state")) as {
    readonly states: readonly { readonly operator: string; readonly state: string }[];
  };
  expect(states.map(({ operator, state }) => `${operator}/${state}`)).toEqual([
    "totals/pages",
    "totals/timers",
    "totals/total",
    "windows/windows",
  ]);
  const total = async (key: string) =>
    await answerOf(`/jobs/clicks/state/totals/total?key=${encodeURIComponent(key)}`);
  const before = await total("u3");
  expect(before).toMatchObject({ key: "u3", found: true, entries: [{ value: 9 }], cut: false });
  expect(await total('"u3"')).toEqual(before);
  await served.put([{ user: "u3", page: "p0", atMs: 1_061_000 }]);
  for (;;) {
    const now = await total("u3");
    if (JSON.stringify(now["entries"]) === '[{"value":10}]') {
      const version = (at: typeof now) => (at["asOf"] as { readonly version: number }).version;
      expect(version(now)).toBeGreaterThan(version(before));
      break;
    }
    await served.ports.clock.sleep(5);
  }
  expect(await answerOf("/jobs/clicks/state/totals/pages?key=u3")).toMatchObject({
    entries: expect.arrayContaining([{ entry: "p0", value: 4 }]) as unknown,
  });
  expect(await total("nobody")).toMatchObject({ found: false, entries: [] });
  const wrong = [
    ["totals/total?key=null", 400, "key-invalid"],
    ["totals/total", 400, "request-invalid"],
    ["totals/sum?key=u3", 404, "state-not-in-job"],
  ] as const;
  for (const [path, status, code] of wrong) {
    const response = await served.get(`/jobs/clicks/state/${path}`);
    const problem = (await response.json()) as { readonly code: string };
    expect([response.status, problem.code], path).toEqual([status, code]);
  }
});

test("a number that is compared with a text is a fault of who asks", async () => {
  const response = await served.get("/jobs/clicks/tables/totals/rows?where=total%3Eabc");
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "condition-invalid" });
});
