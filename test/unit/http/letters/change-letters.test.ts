import { afterAll, beforeAll, expect, test } from "vitest";
import { serveJob, someClicks } from "../served-job.ts";

type Served = Awaited<ReturnType<typeof serveJob>>;
let served: Served;
/** As they are refused: two that are no JSON, and a click that user code threw on behind the exchange. */
let letters: readonly Letter[];
beforeAll(async () => {
  served = await serveJob();
  await served.putTexts([
    ["u1", '{"user":"u1"'],
    ["u2", '{"user":"u2"'],
  ]);
  await served.untilTaken(someClicks.length + 2);
  letters = await listed();
});
afterAll(async () => await served.close());

interface Letter {
  readonly id: string;
  readonly kind: string;
  readonly payload: string;
}

const path = "/jobs/clicks/deadletters";

async function listed(of: Pick<Served, "get"> = served): Promise<readonly Letter[]> {
  const response = await of.get(path);
  return ((await response.json()) as { readonly letters: readonly Letter[] }).letters;
}

async function asked(to: string, body: object, of: Pick<Served, "post"> = served) {
  const response = await of.post(`${path}${to}`, body);
  const answer = (await response.json()) as Readonly<Record<string, unknown>>;
  return { status: response.status, ...answer };
}

const oneOf = (payload: string): Letter => letters.find((one) => one.payload === payload)!;
const behindExchange = (): Letter => letters.find(({ kind }) => kind === "user-code")!;

test("it is said which letters, and they are there", async () => {
  expect(letters).toHaveLength(3);
  for (const body of [{}, { ids: ["a:0"], all: true }, { ids: ["a:0"], operator: "totals/totals" }])
    expect(await asked("/discard", body)).toMatchObject({ status: 400, code: "request-invalid" });
  expect(await asked("/discard", { ids: ["none:7"] })).toMatchObject({
    status: 404,
    code: "letter-unknown",
  });
  for (const what of ["/discard", "/replay"])
    expect(await asked(what, { all: true, operator: "totasl" })).toMatchObject({
      status: 404,
      code: "operator-unknown",
    });
  const listing = await served.get(`${path}?operator=totasl`);
  expect(listing.status).toBe(404);
  expect(await listed()).toHaveLength(3);
});

test("who may only read changes nothing", async () => {
  const reading = await serveJob({ allowWrites: false });
  const [letter] = await listed(reading);
  for (const to of ["/discard", "/replay", `/${encodeURIComponent(letter!.id)}/replay`]) {
    const body = to.startsWith("/d") || to === "/replay" ? { all: true } : {};
    expect(await asked(to, body, reading)).toMatchObject({
      status: 403,
      code: "writes-not-allowed",
    });
  }
  expect(await listed(reading)).toHaveLength(1);
  await reading.close();
});

test("an edited letter goes well, and is no letter any more", async () => {
  const { id } = oneOf('{"user":"u1"');
  const document = JSON.stringify({ user: "u1", page: "p0", atMs: 1_060_000 });
  const to = `/${encodeURIComponent(id)}/replay`;
  expect(await asked(to, { document })).toEqual({
    status: 200,
    put: [{ stream: "clicks", records: 1 }],
    left: [],
    leftInAll: 0,
  });
  await served.untilTaken(someClicks.length + 3);
  expect((await listed()).map(({ id: one }) => one)).not.toContain(id);
  const rows = await served.get("/jobs/clicks/tables/totals/rows?where=user%3Du1");
  expect(await rows.json()).toMatchObject({ rows: [{ user: "u1", total: 10 }] });
});

test("what can't be put stays, with the reason, also where it is edited", async () => {
  const { id } = behindExchange();
  const left = [{ id, why: "it came over the exchange, without its document" }];
  const stays = { status: 200, put: [], left, leftInAll: 1 };
  expect(await asked("/replay", { all: true, operator: "totals/totals" })).toEqual(stays);
  const to = `/${encodeURIComponent(id)}/replay`;
  expect(await asked(to, { document: "{}" })).toEqual(stays);
});

test("all are replayed once: what is refused again meanwhile stays", async () => {
  const before = oneOf('{"user":"u2"').id;
  expect(await asked("/replay", { all: true })).toMatchObject({
    put: [{ stream: "clicks", records: 1 }],
    leftInAll: 1,
  });
  await served.untilTaken(someClicks.length + 4);
  const again = (await listed()).filter(({ payload }) => payload === '{"user":"u2"');
  expect(again).toHaveLength(1);
  expect(again[0]!.id).not.toBe(before);
});

test("letters are discarded by their ids, or all", async () => {
  const { id } = behindExchange();
  expect(await asked("/discard", { ids: [id, id] })).toEqual({ status: 200, letters: 1 });
  expect(await asked("/discard", { all: true })).toEqual({ status: 200, letters: 1 });
  expect(await listed()).toEqual([]);
});
