import { createStreams, type EmbeddedPorts, memoryPorts, putAgain } from "../../../dev/index.ts";
import { putRecords } from "../../../dev/put-records.ts";
import { runEmbedded } from "../../../dev/run-embedded.ts";
import { createApi } from "../../../http/create-api.ts";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { embeddedRuntime } from "../../../runtime/embedded/job-world.ts";
import {
  boundedOutOfOrderness,
  counter,
  defineJob,
  elementType,
  gauge,
  histogram,
  mapState,
  meter,
  tumblingWindows,
  unchecked,
  valueState,
} from "../../../runtime/index.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { recordHistory } from "../../../runtime/observe/history.ts";
import { describeJob, writeDescription } from "../../../runtime/observe/job-description.ts";
import { totalsOf } from "../../../runtime/observe/living-slots.ts";
import { takeSavepoint } from "../../../runtime/savepoints/index.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { patienceMs } from "../../patience.ts";

export interface Click {
  readonly user: string;
  readonly page: string;
  readonly atMs: number;
}

/** Totals and windows by user; who clicks on "broken" is refused by user code. */
const { graph } = defineJob(
  "clicks",
  (env) => {
    const byUser = env
      .source(kinesisSource({ stream: "clicks", schema: unchecked<Click>() }), {
        uid: "clicks",
        watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { seconds: 1 } }),
      })
      .keyBy("user");
    byUser
      .process({
        uid: "totals",
        state: { total: valueState<number>(), pages: mapState<string, number>() },
        metrics: {
          seen: counter({ description: "Clicks that came" }),
          opened: meter(),
          highest: gauge({ over: "max" }),
          totals: histogram({ bounds: [2, 8] }),
        },
        emits: elementType<{ readonly user: string; readonly total: number }>(),
        onElement({ user, page }, { state, emit, metrics }) {
          metrics.seen.inc();
          metrics.opened.markEvent(2);
          if (page === "broken") throw new TypeError("There is no page.");
          const total = (state.total.get() ?? 0) + 1;
          state.total.set(total);
          metrics.highest.set(total);
          metrics.totals.update(total);
          state.pages.set(page, (state.pages.get(page) ?? 0) + 1);
          emit({ user, total });
        },
      })
      .sinkTo(dynamodbSink({ table: "totals", key: ["user"] }), { uid: "totals-rows" });
    byUser
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows" })
      .aggregate(
        { create: () => 0, add: (sum: number) => sum + 1, result: (sum: number) => sum },
        (n, { key, window }) => ({ user: key, startMs: window.startMs, n }),
      )
      .sinkTo(dynamodbSink({ table: "counts", key: ["user", "startMs"] }), { uid: "counts-rows" });
  },
  { maxParallelism: 16, restart: { kind: "none" } },
);

export const plan = buildPlan(graph);

/** 60 clicks of seven users, a second apart; one of them is refused. */
export const someClicks: readonly Click[] = Array.from({ length: 60 }, (_, at) => ({
  user: `u${at % 7}`,
  page: at === 20 ? "broken" : `p${at % 3}`,
  atMs: 1_000_000 + at * 1_000,
}));

/** A job that runs in this process and has taken all that it was given, with the API in front of it. */
export async function serveJob({ allowWrites = true, ringSize = 512 } = {}) {
  const ports: EmbeddedPorts = memoryPorts();
  const job = embeddedRuntime({ graph, plan }, ports, { ringSize });
  await createStreams(plan, ports, { source: 2, exchange: 2 });
  await writeDescription(ports, describeJob(graph, plan));
  const errors: unknown[] = [];
  const run = await runEmbedded({ job, onError: (error) => errors.push(error) });
  const history = await recordHistory(ports, { job: plan.job, generation: 1 });
  await put(someClicks);
  await untilTaken(someClicks.length);
  await takeSavepoint(ports, { job: plan.job, kind: "savepoint", id: "first" }, { pollMs: 5 });
  const api = createApi({
    ports,
    jobs: async () => [plan.job],
    allowWrites,
    putAgain: async (stream, put) =>
      await putAgain({ writer: ports.writer, clock: ports.clock, stream, ...put }),
  });
  return {
    ports,
    job,
    run,
    api,
    history,
    errors,
    put,
    putTexts,
    untilTaken,
    get: async (path: string) => await api.request(path),
    post: async (path: string, body: object) =>
      await api.request(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    async close() {
      run.stop();
      await run.done;
      ports.close();
    },
  };

  async function put(clicks: readonly Click[]): Promise<void> {
    await putTexts(clicks.map((click) => [click.user, JSON.stringify(click)]));
  }

  async function putTexts(texts: readonly (readonly [key: string, text: string])[]) {
    const entries = texts.map(([partitionKey, text]) => ({
      partitionKey,
      data: new TextEncoder().encode(text),
    }));
    await putRecords({ writer: ports.writer, stream: "clicks", entries });
  }

  async function untilTaken(records: number): Promise<void> {
    const untilMs = ports.clock.nowMs() + patienceMs;
    while (ports.clock.nowMs() < untilMs) {
      const rows = await listProgress(ports, { job: plan.job, generation: 1 });
      if (totalsOf(rows).records >= records && receivedBy(rows, "totals/totals") >= records) return;
      await ports.clock.sleep(5);
    }
    throw new Error(`The job has not taken ${records} records.`);
  }
}

function receivedBy(rows: Awaited<ReturnType<typeof listProgress>>, operator: string): number {
  return rows.reduce(
    (sum, { counters: { operators, deadLetters } }) =>
      sum + (operators[operator]?.[0] ?? 0) + deadLetters,
    0,
  );
}
