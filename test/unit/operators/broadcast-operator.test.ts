import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  type BroadcastContext,
  boundedOutOfOrderness,
  counter,
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  noRestart,
  type StreamEnvironment,
  unchecked,
} from "../../../runtime/index.ts";
import { runJob } from "../../../testing/run-job.ts";

interface Limit {
  readonly currency: string;
  readonly largest: number;
  readonly atMs: number;
}
interface Transfer {
  readonly account: string;
  readonly atMs: number;
}

const declared = { limits: mapState<string, { largest: number; times: number }>() };
type Limits = BroadcastContext<typeof declared, Limit>;

const read = <T extends { readonly atMs: number }>(env: StreamEnvironment, stream: string) =>
  env.source(kinesisSource({ stream, schema: unchecked<T>() }), {
    uid: stream,
    watermarks: boundedOutOfOrderness<T>({ timestamp: ({ atMs }) => atMs, bound: { seconds: 1 } }),
  });

/** When both streams are over, each account tells the limits that it sees. */
function job(
  onBroadcastElement: (limit: Limit, ctx: Limits) => void,
  meddle: (value: { largest: number }) => void = () => undefined,
): JobDefinition {
  const build = (env: StreamEnvironment): void => {
    read<Transfer>(env, "transfers")
      .keyBy("account")
      .connect(read<Limit>(env, "limits").broadcast(declared))
      .process({
        uid: "judge",
        emits: elementType<{ readonly account: string; readonly limits: string }>(),
        onElement: (_, { timers }) => timers.event("end").set(Number.MAX_SAFE_INTEGER),
        metrics: { judged: counter(), told: counter() },
        onBroadcastElement(limit, ctx) {
          ctx.metrics.told.inc();
          onBroadcastElement(limit, ctx);
        },
        onTimer: {
          end({ key, broadcast, emit, metrics }) {
            metrics.judged.inc();
            const limits = [...broadcast.limits.entries()];
            for (const [, limit] of limits) meddle(limit);
            emit({ account: key, limits: JSON.stringify(limits) });
          },
        },
      })
      .sinkTo(dynamodbSink({ table: "seen", key: { account: "string" } }), { uid: "rows" });
  };
  // What is thrown is thrown each time.
  return defineJob("limits", build, { restart: noRestart() });
}

const count = ({ currency, largest }: Limit, { broadcast: { limits } }: Limits): void =>
  limits.set(currency, { largest, times: (limits.get(currency)?.times ?? 0) + 1 });

const accounts = Array.from({ length: 12 }, (_, at) => `a${at}`);
const transfers: readonly Transfer[] = accounts.map((account, at) => ({ account, atMs: at }));
const limits: readonly Limit[] = [
  { currency: "USD", largest: 100, atMs: 1 },
  { currency: "EUR", largest: 90, atMs: 2 },
  { currency: "USD", largest: 110, atMs: 3 },
];
const options = {
  inputs: { transfers, limits },
  partitionKey: (value: unknown) => (value as { account?: string }).account ?? "limits",
  exchangeShards: 4,
};

describe("a process function with a broadcast input", () => {
  test("takes each broadcast element once in each slot, for the keys of all of them", async () => {
    const { tables, deadLetters, metrics } = await runJob(job(count), options);
    const all = JSON.stringify([
      ["EUR", { largest: 90, times: 1 }],
      ["USD", { largest: 110, times: 2 }],
    ]);
    expect(tables["seen"]).toHaveLength(accounts.length);
    expect(new Set(tables["seen"]?.map((row) => row["limits"]))).toEqual(new Set([all]));
    expect(deadLetters).toEqual([]);
    // Of an element that goes to four slots each has counted its own.
    expect(metrics["judge"]).toEqual({
      judged: { kind: "counter", count: accounts.length },
      told: { kind: "counter", count: 4 * limits.length },
    });
  });

  test("gives the keyed functions values that they can't change", async () => {
    const meddling = job(count, (limit) => (limit.largest = 0));
    const { deadLetters } = await runJob(meddling, options);
    expect(deadLetters).toHaveLength(accounts.length);
    expect(deadLetters[0]?.reason).toMatch(/read only property 'largest'/);
  });

  test("writes an element on which its function throws off in each slot, and undoes what it did", async () => {
    const { tables, deadLetters } = await runJob(
      job((limit, ctx) => {
        count(limit, ctx);
        if (limit.largest === 90) throw new Error("no euros");
      }),
      options,
    );
    expect(deadLetters.map(({ operator, key, reason }) => [operator, key, reason])).toEqual(
      Array.from({ length: 4 }, () => ["judge", undefined, "no euros"]),
    );
    expect(new Set(deadLetters.map(({ slot }) => slot)).size).toBe(4);
    const [row] = tables["seen"] ?? [];
    expect(row?.["limits"]).toBe(JSON.stringify([["USD", { largest: 110, times: 2 }]]));
  });
});
