import { readsStream } from "../runtime/connectors/sources.ts";
import { createStreams, type EmbeddedJob, embeddedRuntime } from "../runtime/embedded/job-world.ts";
import { durablePorts, type EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import type { KeyedTable, Ports, StreamReader } from "../runtime/ports/index.ts";
import { copySavepoint, type Restored } from "../runtime/savepoints/index.ts";
import { restoreJob } from "./restore-job.ts";
import { type EmbeddedRun, runEmbedded } from "./run-embedded.ts";
import { reportingTelemetry, reportOfError, type RunReport } from "./run-report.ts";
import {
  changedSince,
  type ComparedTable,
  differencesOf,
  digestsOf,
  keyedResultsOf,
  notedTables,
  type RowDifference,
} from "./shadow-rows.ts";

/** The job that a shadow is beside: its world is read, and nothing is written there but who holds the epoch. */
export interface LiveJob {
  readonly ports: Ports;
  /** What its streams and tables are called there, by their names in the job. */
  readonly streams: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, string>>;
}

export interface ShadowOptions {
  /** The job as it would be deployed. */
  readonly job: EmbeddedJob;
  readonly live: LiveJob;
  /** Key of the manifest of an epoch of the live job; absent: it begins without state, where its sources say. */
  readonly manifest?: string;
  /** An empty folder for all that the shadow keeps and gives. */
  readonly dir: string;
  /** State of operators that the job does not have any more is left behind. Default: it is an error. */
  readonly allowNonRestoredState?: boolean;
  /** Between two looks at a shard that had nothing. Default: 5 ms, as of streams on this machine. */
  readonly pollMs?: number;
  /** Told of failed batches, which are tried again, and of alarms. Default: dropped. */
  readonly onReport?: (report: RunReport) => void;
}

/** A job that runs on the input of another one, from an epoch of it, and gives what it gives to nobody. */
export interface Shadow {
  /** Absent where it began without state. */
  readonly restored?: Restored;
  readonly run: EmbeddedRun;
  readonly ports: EmbeddedPorts;
  /** Whether it has read all that is in the source streams now; never of streams that are over: its run ends then. */
  hasCaughtUp(): Promise<boolean>;
  /** Writes of rows so far. */
  writes(): number;
  /** What both hold under the keys that either has written since the shadow began. */
  compare(): Promise<readonly ComparedTable[]>;
  /** Which of some differences are still there. */
  stillDiffer(differences: readonly RowDifference[]): Promise<readonly RowDifference[]>;
  /** Lets go of its folder, once its run is over. */
  close(): void;
}

/**
 * Starts a job beside one that lives: with state from an epoch of that and the source streams where that has them. Everything else (log, exchange, tables,
 * files) is in a folder of its own. User code runs as it is: what it asks of services it asks.
 * @throws MillraceError what copying and restoring an epoch throws
 */
export async function startShadow(options: ShadowOptions): Promise<Shadow> {
  const { job, live, manifest, dir, allowNonRestoredState = false, pollMs, onReport } = options;
  const report = onReport ?? ((): void => {});
  const own = durablePorts(dir, { telemetry: reportingTelemetry(report) });
  try {
    const streams = sourceStreamsOf(job, live);
    const { reader, hasCaughtUp } = readerOfBoth(own.reader, live.ports.reader, streams);
    const { tables, touched, writes } = notedTables(own.tables);
    const ports = { ...own, reader, tables };
    if (manifest !== undefined) await copySavepoint(live.ports, { manifest, to: async () => own });
    const liveTables = namedTables(live.ports.tables, live.tables);
    const results = keyedResultsOf(job.plan);
    const digestsOfLive = async () =>
      await Promise.all(
        results.map(({ table, keyFields }) => digestsOf(liveTables, table, keyFields)),
      );
    // What the live job writes from here on is told by what its tables hold now.
    const before = await digestsOfLive();
    const restored =
      manifest === undefined
        ? await createStreams(job.plan, ports, { source: 1, exchange: 2 })
        : await restoreJob({ job, ports, manifest, allowNonRestoredState, streams });
    const runtime = embeddedRuntime(job, ports, {}, streams);
    const run = await runEmbedded({
      job: runtime,
      ...(pollMs !== undefined && { tuning: { pollMs } }),
      onError: (thrown) => report(reportOfError(thrown)),
    });
    const both = { shadow: tables, live: liveTables };
    return {
      ...(restored !== undefined && { restored }),
      run,
      ports,
      hasCaughtUp,
      writes,
      compare: async () => {
        const now = await digestsOfLive();
        const compared: ComparedTable[] = [];
        for (const [at, { table }] of results.entries()) {
          const [was, is] = [before[at]!, now[at]!];
          const keys = new Map([...changedSince(was, is), ...touched(table)]);
          compared.push({
            table,
            compared: keys.size,
            differences: await differencesOf(table, [...keys.values()], both),
            isPartial: was.isPartial || is.isPartial,
          });
        }
        return compared;
      },
      stillDiffer: async (differences) => {
        const byTable = Map.groupBy(differences, ({ table }) => table);
        const left: RowDifference[] = [];
        for (const [table, those] of byTable)
          left.push(
            ...(await differencesOf(
              table,
              those.map(({ key }) => key),
              both,
            )),
          );
        return left;
      },
      close: own.close,
    };
  } catch (thrown) {
    own.close();
    throw thrown;
  }
}

/** Source streams by their names in the job, as the live job's reader knows them. */
function sourceStreamsOf({ plan }: EmbeddedJob, { streams }: LiveJob) {
  const names = plan.sources.filter(readsStream).map(({ stream }) => stream);
  return Object.fromEntries(names.map((name) => [name, streams[name] ?? name]));
}

/** Reads source streams from the live job's, and all others from its own. */
function readerOfBoth(
  own: StreamReader,
  live: StreamReader,
  streams: Readonly<Record<string, string>>,
) {
  const sources = new Set(Object.values(streams));
  const readerOf = (stream: string): StreamReader => (sources.has(stream) ? live : own);
  /** Shards of which nothing was left to read when they were read last. */
  const atTip = new Set<string>();
  const reader: StreamReader = {
    listShards: async (stream) => await readerOf(stream).listShards(stream),
    read: async (request) => {
      const result = await readerOf(request.stream).read(request);
      const place = `${request.stream}/${request.shardId}`;
      if (result.records.length === 0 && result.atTip) atTip.add(place);
      else atTip.delete(place);
      return result;
    },
  };
  const hasCaughtUp = async (): Promise<boolean> => {
    for (const stream of sources) {
      const shards = await live.listShards(stream);
      const open = shards.filter(({ closed }) => !closed);
      // A stream that is over is read when the run has ended.
      if (open.length === 0) return false;
      if (open.some(({ shardId }) => !atTip.has(`${stream}/${shardId}`))) return false;
    }
    return true;
  };
  return { reader, hasCaughtUp };
}

/** Tables under the names that the job gives them. */
function namedTables(
  tables: KeyedTable,
  names: Readonly<Record<string, string>>,
): Pick<KeyedTable, "get" | "scan"> {
  const nameOf = (table: string): string => names[table] ?? table;
  return {
    get: async (table, key) => await tables.get(nameOf(table), key).catch(ofMissing),
    async *scan(table) {
      try {
        yield* tables.scan(nameOf(table));
      } catch (thrown) {
        ofMissing(thrown);
      }
    },
  };
}

/** A table that the job did not have before holds nothing. */
function ofMissing(thrown: unknown): undefined {
  if (!isMillraceError(thrown) || thrown.code !== "store-missing") throw thrown;
  return undefined;
}
