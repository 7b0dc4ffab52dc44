import { describe, expect, test } from "vitest";
import type { JobDefinition } from "millrace";
import { harness, runJob, type RunJobOptions } from "millrace/testing";
import adClicks, { type AdClick } from "../../../../examples/patterns/ad-clicks.ts";
import alertState, { type Call } from "../../../../examples/patterns/alert-state.ts";
import anomalies, { type Reading } from "../../../../examples/patterns/anomalies.ts";
import deduplication, { type Notice } from "../../../../examples/patterns/deduplication.ts";
import enrichment, {
  type Profile,
  type Purchase,
} from "../../../../examples/patterns/enrichment.ts";
import { priced } from "../../../../examples/patterns/online-model.ts";
import sessions, { type Click } from "../../../../examples/patterns/sessions.ts";
import topPages, { type Visit } from "../../../../examples/patterns/top-pages.ts";
import uniqueVisitors, { type PageView } from "../../../../examples/patterns/unique-visitors.ts";
import velocityCheck, { type Payment } from "../../../../examples/patterns/velocity-check.ts";
import { generated, grouped } from "./generated.ts";

type Row = Readonly<Record<string, unknown>>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const startOf = (atMs: number, sizeMs: number): number => atMs - (atMs % sizeMs);

/** Rows of a job's table, in the order of their texts. */
async function rows(job: JobDefinition, table: string, options: RunJobOptions) {
  const { tables, deadLetters } = await runJob(job, options);
  expect(deadLetters).toEqual([]);
  return inOrder(tables[table] ?? []);
}

const inOrder = (found: readonly Row[]): readonly Row[] =>
  found
    .map((row) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe("each pattern gives what a plain computation gives", () => {
  test("top-K per window", async () => {
    const visits = generated(400, 20_000, (atMs, roll): Visit => ({
      page: `/${roll(3) * roll(4)}`,
      atMs,
    }));
    const byWindow = grouped(visits, ({ atMs }) => startOf(atMs, 10 * minuteMs));
    const expected = Array.from(byWindow, ([startMs, own]) => {
      const counts = Array.from(
        grouped(own, ({ page }) => page),
        ([page, all]) => ({ page, visits: all.length }),
      );
      counts.sort((a, b) => b.visits - a.visits || (a.page < b.page ? -1 : 1));
      return { startMs, top: counts.slice(0, 3) };
    });
    expect(await rows(topPages, "top-pages", { inputs: { visits } })).toEqual(inOrder(expected));
  });

  test("deduplication with a time to live", async () => {
    const notices = generated(600, hourMs, (atMs, roll): Notice => ({
      id: `n${roll(60)}`,
      text: "",
      atMs,
    }));
    const first: Row[] = [];
    for (const own of grouped(notices, ({ id }) => id).values()) {
      let seenMs = Number.NEGATIVE_INFINITY;
      for (const notice of own) {
        if (notice.atMs < seenMs + 24 * hourMs) continue;
        seenMs = notice.atMs;
        first.push({ ...notice });
      }
    }
    expect(first.length).toBeGreaterThan(60);
    expect(first.length).toBeLessThan(notices.length);
    const partitionKey = (notice: unknown): string => (notice as Notice).id;
    const options = { inputs: { notices }, partitionKey };
    expect(await rows(deduplication, "notices", options)).toEqual(inOrder(first));
  });

  test("sessionisation", async () => {
    const clicks = generated(300, 8 * minuteMs, (atMs, roll): Click => ({
      user: `u${roll(9)}`,
      page: "/",
      atMs,
    }));
    const expected: Row[] = [];
    for (const [user, own] of grouped(clicks, (click) => click.user)) {
      let session: Click[] = [];
      for (const [at, click] of own.entries()) {
        session.push(click);
        const next = own[at + 1];
        if (next !== undefined && next.atMs - click.atMs < 30 * minuteMs) continue;
        const firstMs = session[0]!.atMs;
        expected.push({ user, firstMs, durationMs: click.atMs - firstMs, clicks: session.length });
        session = [];
      }
    }
    expect(await rows(sessions, "sessions", { inputs: { clicks } })).toEqual(inOrder(expected));
  });

  test("velocity check", async () => {
    const payments = generated(500, 4_000, (atMs, roll): Payment => ({
      card: `c${roll(4)}`,
      cents: 1 + roll(900),
      atMs,
    }));
    const expected: Row[] = [];
    for (const [card, own] of grouped(payments, (payment) => payment.card)) {
      const first = startOf(own[0]!.atMs, 10_000) - minuteMs;
      for (let startMs = first; startMs <= own.at(-1)!.atMs; startMs += 10_000) {
        const within = own.filter(({ atMs }) => startMs <= atMs && atMs < startMs + minuteMs);
        const told = within.slice(0, within.length - (within.length % 5));
        if (told.length === 0) continue;
        const cents = told.reduce((sum, payment) => sum + payment.cents, 0);
        expected.push({ card, startMs, payments: told.length, cents });
      }
    }
    const partitionKey = (payment: unknown): string => (payment as Payment).card;
    expect(await rows(velocityCheck, "too-fast", { inputs: { payments }, partitionKey })).toEqual(
      inOrder(expected),
    );
  });

  test("rollup with alert state", async () => {
    const calls = generated(2_000, 3_000, (atMs, roll): Call => ({
      service: `s${roll(3)}`,
      failed: roll(10) < (Math.floor(atMs / (7 * minuteMs)) % 2 === 0 ? 0 : 4),
      atMs,
    }));
    const expected: Row[] = [];
    for (const [service, own] of grouped(calls, (call) => call.service)) {
      let [row, sinceMs] = [0, 0];
      for (const [startMs, minute] of grouped(own, ({ atMs }) => startOf(atMs, minuteMs))) {
        const share = minute.filter(({ failed }) => failed).length / minute.length;
        row = share > 0.1 ? Math.max(row, 0) + 1 : Math.min(row, 0) - 1;
        if (row === 3 && sinceMs === 0) sinceMs = startMs;
        if (row === -3) sinceMs = 0;
      }
      if (sinceMs > 0) expected.push({ service, sinceMs });
    }
    expect(expected.length).toBeGreaterThan(0);
    expect(await rows(alertState, "alerts", { inputs: { calls } })).toEqual(inOrder(expected));
  });

  test("ad clicks with corrections", async () => {
    const clicks = generated(400, 20 * minuteMs, (atMs, roll): AdClick => ({
      ad: `a${roll(3)}`,
      user: `u${roll(50)}`,
      atMs,
    }));
    // Every tenth comes up to five days after it was made.
    const late = clicks.map((click, at) =>
      at % 10 === 0 ? { ...click, atMs: click.atMs - (at % 6) * 24 * hourMs } : click,
    );
    const options = { inputs: { "ad-clicks": late }, shards: 1 };
    const { tables, streams } = await runJob(adClicks, options);
    let watermarkMs = Number.NEGATIVE_INFINITY;
    const counts = new Map<string, number>();
    const aside: AdClick[] = [];
    for (const click of late) {
      const startMs = startOf(click.atMs, hourMs);
      const row = JSON.stringify({ ad: click.ad, startMs });
      if (startMs + hourMs - 1 + 24 * hourMs <= watermarkMs) aside.push(click);
      else counts.set(row, (counts.get(row) ?? 0) + 1);
      watermarkMs = Math.max(watermarkMs, click.atMs - 5 * minuteMs - 1);
    }
    const found = tables["ad-hours"] ?? [];
    // The watermark comes in ticks: what is late for one that has gone on is not for one that has not yet.
    const all = found.reduce((sum, { clicks: counted }) => sum + Number(counted), 0);
    expect(all + (streams["too-late"] ?? []).length).toBe(late.length);
    expect(aside).toEqual(expect.arrayContaining([...(streams["too-late"] ?? [])]));
    for (const { clicks: counted, ...key } of found)
      expect(Number(counted)).toBeGreaterThanOrEqual(
        counts.get(JSON.stringify({ ad: key["ad"], startMs: key["startMs"] })) ?? 0,
      );
  });

  test("enrichment from a profile stream", async () => {
    const profiles = generated(20, 1_000, (atMs): Profile => ({
      user: `u${atMs % 97}`,
      country: `c${atMs % 5}`,
      atMs,
    }));
    const countries = new Map(
      profiles.map(({ user }) => [user, profiles.find((one) => one.user === user)!.country]),
    );
    const known = profiles.filter(
      (profile, at) => profiles.findIndex(({ user }) => user === profile.user) === at,
    );
    const users = [...countries.keys(), "nobody"];
    let ids = 0;
    const purchases = generated(200, 500, (atMs, roll): Purchase => ({
      id: `p${(ids += 1)}`,
      user: users[roll(users.length)] ?? "",
      cents: roll(900),
      atMs,
    }));
    const expected = purchases.flatMap((purchase) => {
      const country = countries.get(purchase.user);
      return country === undefined ? [] : [{ ...purchase, country }];
    });
    const inputs = { purchases, profiles: known };
    expect(await rows(enrichment, "purchases", { inputs })).toEqual(inOrder(expected));
  });

  test("anomalies by running variance", async () => {
    const readings = generated(900, 1_000, (atMs, roll): Reading => ({
      sensor: `s${roll(3)}`,
      value: 20 + roll(100) / 50 + (roll(60) === 0 ? 30 : 0),
      atMs: atMs + 1,
    }));
    const expected: Row[] = [];
    for (const own of grouped(readings, ({ sensor }) => sensor).values()) {
      const usual: number[] = [];
      for (const reading of own) {
        const mean = usual.reduce((sum, value) => sum + value, 0) / usual.length;
        const variance =
          usual.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (usual.length - 1);
        if (usual.length >= 30 && Math.abs(reading.value - mean) > 4 * Math.sqrt(variance))
          expected.push({ sensor: reading.sensor, atMs: reading.atMs, value: reading.value });
        else usual.push(reading.value);
      }
    }
    expect(expected.length).toBeGreaterThan(5);
    const partitionKey = (reading: unknown): string => (reading as Reading).sensor;
    const found = await rows(anomalies, "anomalies", { inputs: { readings }, partitionKey });
    expect(inOrder(found.map(({ mean: _, ...row }) => row))).toEqual(inOrder(expected));
  });

  test("unique visitors", async () => {
    const views = generated(500, 10 * minuteMs, (atMs, roll): PageView => ({
      site: `s${roll(2)}`,
      user: `u${roll(40)}`,
      atMs,
    }));
    const expected: Row[] = [];
    for (const [site, own] of grouped(views, (view) => view.site))
      for (const [dayMs, day] of grouped(own, ({ atMs }) => startOf(atMs, 24 * hourMs))) {
        const firstMs = startOf(day[0]!.atMs, hourMs) + hourMs;
        for (let untilMs = firstMs; untilMs <= dayMs + 24 * hourMs; untilMs += hourMs) {
          const users = new Set(day.filter(({ atMs }) => atMs < untilMs).map(({ user }) => user));
          expected.push({ site, untilMs, users: users.size });
        }
      }
    expect(await rows(uniqueVisitors, "visitors", { inputs: { "page-views": views } })).toEqual(
      inOrder(expected),
    );
  });

  test("an online model", () => {
    const driven = harness(priced);
    const sales = generated(2_000, 1, (_, roll) => ({ product: "cloth", meters: 1 + roll(5) }));
    driven.input(1).element({ id: "before", meters: 3 }, 0);
    for (const sale of sales) driven.element({ ...sale, cents: 250 + 120 * sale.meters }, 0);
    driven.cold();
    driven.input(1).element({ id: "after", meters: 3 }, 0);
    expect(driven.take().map(({ value }) => value)).toEqual([
      { id: "before", cents: 0 },
      { id: "after", cents: 610 },
    ]);
  });
});
