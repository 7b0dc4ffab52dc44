import { storeError } from "../../../runtime/errors/millrace-error.ts";
import { zlibDecompression } from "../../../runtime/node/zlib-decompression.ts";
import type {
  Heap,
  KeyedWriteSummary,
  Ports,
  PutResult,
  ReadRequest,
  ReadResult,
  Telemetry,
} from "../../../runtime/ports/index.ts";
import { checkPut } from "../../../runtime/serde/put-limits.ts";
import type { FaultName, Faults } from "../faults.ts";
import { withBitFlipped } from "../flipped-bit.ts";
import type { Pace } from "../pace.ts";
import type { WorldDice } from "../random.ts";
import type { Scheduler, SimProcess } from "../scheduler.ts";
import type { SimControl } from "./sim-control.ts";
import type { SimLog } from "./sim-log.ts";
import type { SimObjects } from "./sim-objects.ts";
import type { SimStreams } from "./sim-streams.ts";
import type { SimTables } from "./sim-tables.ts";

export interface SimStores {
  readonly log: SimLog;
  readonly control: SimControl;
  readonly tables: SimTables;
  readonly objects: SimObjects;
  /** Finished files. */
  readonly files: SimObjects;
  readonly streams: SimStreams;
}

/** What the ports of every process of a world share. */
export interface PortsContext {
  readonly stores: SimStores;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly dice: WorldDice;
  /** Added to virtual time: when the world began. */
  readonly epochMs: number;
  readonly kill: (process: SimProcess) => void;
  readonly pace: Pick<Pace, "writeMs">;
  /** Until when no object can be put. */
  readonly outage: { untilMs: number };
  readonly newId: () => string;
  readonly newCallId: () => number;
  readonly telemetry: (process: SimProcess) => Telemetry;
  /** Told of every call and what became of it, where somebody wants to read it. */
  readonly trace: ((line: string) => void) | undefined;
}

/** How long a call takes at most on its way to the store, and back. */
const hopMaxMs = 12;
const slowMaxMs = 8_000;
const lateMinMs = 20;
const lateMaxMs = 20_000;
const outageMaxMs = 9_000;
const listAgeMaxMs = 2_000;
const emptyPagesMax = 60;
/** A sleeper wakes up while the same is going on, or when it has long been forgotten. */
const sleepsMs = [
  [300, 15_000],
  [15_000, 4 * 3_600_000],
] as const;

/**
 * The ports of one process. A call leaves, has its effect in the store at a later moment, and is answered at a still later one;
 * at each of them faults may strike.
 */
export function processPorts(context: PortsContext, process: SimProcess): Ports {
  const { stores, scheduler, dice, epochMs } = context;
  const { streams, objects, files, tables } = stores;
  const pages: EmptyPages = new Map();
  const call = <T>(name: string, effect: Effect<T>, storeMs = 0): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = context.newCallId();
      const begin = (): void =>
        beginCall(context, { id, process, name, storeMs, effect, resolve, reject });
      const busyMs = process.busyUntilMs - scheduler.nowMs;
      if (busyMs <= 0) return begin();
      context.trace?.(`${process.name} is busy for ${Math.ceil(busyMs)} ms`);
      scheduler.at(process.busyUntilMs, begin, process);
    });
  return {
    log: {
      append: (log, row) => call("log.append", () => stores.log.append(log, row)),
      read: (log, range) => call("log.read", () => stores.log.read(log, range)),
      readAll: (log) => call("log.readAll", () => stores.log.readAll(log)),
    },
    control: {
      get: (key) => call("control.get", () => stores.control.get(key)),
      list: (partition) => call("control.list", () => stores.control.list(partition)),
      put: (row, condition) => call("control.put", () => stores.control.put(row, condition)),
      delete: (row) => call("control.delete", () => stores.control.delete(row)),
    },
    tables: {
      write: (table, writes, writer) => {
        const effect: Effect<KeyedWriteSummary> = (fault) => {
          if (fault !== "tables-in-part" || writes.length < 2)
            return tables.write(table, writes, writer);
          context.faults.note("tables-in-part");
          context.trace?.(`${writes.length >> 1} of ${writes.length} rows of ${table} are written`);
          tables.write(table, dice.shuffle(writes).slice(0, writes.length >> 1), writer);
          throw unavailable("tables.write");
        };
        return call("tables.write", effect, writes.length * context.pace.writeMs);
      },
      get: (table, key) => call("tables.get", () => tables.get(table, key)),
      async *scan(table) {
        yield* await call("tables.scan", () => tables.scan(table));
      },
    },
    objects: {
      put: (key, data, options) =>
        call("objects.put", () => objects.put(key, data, options?.ifAbsent ?? false)),
      get: (key) =>
        call("objects.get", (fault) => {
          const data = objects.get(key);
          return fault === "object-damaged" ? damaged(context, key, data) : data;
        }),
      async *list(prefix) {
        yield* await call("objects.list", () => objects.list(prefix));
      },
      delete: (keys) => call("objects.delete", () => keys.forEach((key) => objects.delete(key))),
    },
    files: {
      put: (key, data, options) =>
        call("files.put", () => files.put(key, data, options?.ifAbsent ?? false)),
      get: (key, { from, maxBytes } = { from: 0, maxBytes: Infinity }) =>
        call("files.get", () => files.get(key)?.slice(from, from + maxBytes)),
      async *list(prefix) {
        yield* await call("files.list", () => files.list(prefix));
      },
      delete: (keys) => call("files.delete", () => keys.forEach((key) => files.delete(key))),
    },
    reader: {
      listShards: (stream) =>
        call("reader.listShards", (fault) => listShards(context, stream, fault)),
      read: (request) =>
        call("reader.read", (fault) => {
          const read = streams.read(request, request.maxRecords);
          if (fault === "empty-pages") beginEmptyPages(context, pages, request);
          const empty = emptyPage(context, pages, request);
          if (empty !== undefined) return empty;
          if (fault !== "read-short" || read.records.length === 0) return read;
          const count = dice.between(0, Math.min(3, read.records.length - 1));
          context.faults.note("read-short");
          context.trace?.(`a read gives ${count} of ${read.records.length} records`);
          return streams.read(request, count);
        }),
    },
    writer: {
      put: async (stream, entries) => {
        checkPut(stream, entries);
        const effect: Effect<readonly PutResult[]> = (fault) =>
          putRecords(context, { stream, entries, fault });
        return call("writer.put", effect, entries.length * context.pace.writeMs);
      },
    },
    clock: {
      nowMs: () => {
        const ownMs = Math.max(scheduler.nowMs, process.busyUntilMs);
        return Math.floor(epochMs + ownMs + process.skewMs);
      },
      sleep: (durationMs) =>
        new Promise((resolve) => scheduler.at(scheduler.nowMs + durationMs, resolve, process)),
    },
    random: { id: context.newId, fraction: () => dice.fraction() },
    compression: { id: 0, compress: (data) => data, decompress: (data) => data },
    decompression: zlibDecompression,
    telemetry: context.telemetry(process),
    heap: roomyHeap(),
  };
}

/** One of its own for each process: what shares a heap is evicted together. */
const roomyHeap = (): Heap => ({ measure: () => ({ usedBytes: 0, limitBytes: 1 }), collect() {} });

/** What a call does to the store; told which fault strikes in the middle of it. */
type Effect<T> = (fault: FaultName | undefined) => T;

interface Call<T> {
  readonly id: number;
  readonly process: SimProcess;
  readonly name: string;
  /** What the store takes for it. */
  readonly storeMs: number;
  readonly effect: Effect<T>;
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

function beginCall<T>(context: PortsContext, call: Call<T>): void {
  const { faults, scheduler, dice } = context;
  const { process, name, storeMs } = call;
  const fault = faults.at(`${process.kind}/${name}`);
  scheduler.note(name);
  if (fault !== undefined) {
    scheduler.note(fault);
    if (!strikesInside.has(fault)) faults.note(fault);
    tell(context, call, fault);
  }
  if (fault === "objects-down")
    context.outage.untilMs = scheduler.nowMs + dice.between(1_000, outageMaxMs);
  let delayMs = storeMs;
  if (storeMs > 0) tell(context, call, `takes ${storeMs} ms`);
  if (fault === "environment-zombie" || fault === "coordinator-zombie") {
    const [minMs, maxMs] = dice.pick(sleepsMs);
    const sleepMs = minMs * (maxMs / minMs) ** dice.fraction();
    process.frozenUntilMs = scheduler.nowMs + sleepMs;
    context.trace?.(`${process.name} sleeps for ${Math.round(sleepMs)} ms`);
    // Its request may be on its way already.
    if (dice.chance(0.5)) delayMs += sleepMs;
  } else if (fault === "slow-objects" || fault === "slow-log")
    delayMs += slowMaxMs * dice.fraction();
  // The request is under way whether or not its sender lives on.
  scheduler.at(scheduler.nowMs + delayMs + hop(dice), () => reachStore(context, call, fault));
}

/** What happens, for a reader: calls are told apart by their number. */
function tell<T>({ trace }: PortsContext, { process, name, id }: Call<T>, what: string): void {
  trace?.(`${process.name} ${name} #${id} ${what}`);
}

function hop(dice: WorldDice): number {
  const fraction = dice.fraction();
  return hopMaxMs * fraction * fraction;
}

/** Faults that the effect itself brings about, and counts where it could. */
const strikesInside: ReadonlySet<FaultName> = new Set([
  "tables-in-part",
  "put-in-part",
  "put-reordered",
  "put-into-split",
  "read-short",
  "list-old",
  "empty-pages",
  "object-damaged",
]);

function reachStore<T>(context: PortsContext, call: Call<T>, fault: FaultName | undefined): void {
  const { scheduler, dice } = context;
  const { process, name } = call;
  // Half of the requests of a process that died meanwhile got out.
  if (process.isDead && dice.chance(0.5)) return;
  if (name === "objects.put" && scheduler.nowMs < context.outage.untilMs)
    return answer(context, call, { error: unavailable(name) });
  if (fault === undefined) return answer(context, call, attempt(context, call, fault));
  if (fault.startsWith("throttled-")) return answer(context, call, { error: throttled(name) });
  if (fault.endsWith("-unwritten")) return answer(context, call, { error: unavailable(name) });
  if (fault.endsWith("-crash")) {
    if (dice.chance(0.5)) attempt(context, call, fault);
    return context.kill(process);
  }
  if (fault.endsWith("-late")) {
    const lateMs = lateMinMs + lateMaxMs * dice.fraction() ** 2;
    scheduler.at(scheduler.nowMs + lateMs, () => void attempt(context, call, fault));
    return answer(context, call, { error: unavailable(name) });
  }
  let done = attempt(context, call, fault);
  if (fault.endsWith("-asked-twice")) done = attempt(context, call, fault);
  if (fault.endsWith("-answer-lost")) done = { error: unavailable(name) };
  return answer(context, call, done);
}

type Done<T> = { readonly answer: T } | { readonly error: unknown };

function attempt<T>(context: PortsContext, call: Call<T>, fault: FaultName | undefined): Done<T> {
  tell(context, call, "takes effect");
  try {
    return { answer: call.effect(fault) };
  } catch (error) {
    return { error };
  }
}

function answer<T>(context: PortsContext, call: Call<T>, done: Done<T>): void {
  const { resolve, reject, process } = call;
  context.scheduler.soon(
    hopMaxMs,
    () => {
      if ("answer" in done) return resolve(done.answer);
      tell(context, call, "fails");
      reject(done.error);
    },
    process,
  );
}

/** What is stored stays as it is. */
function damaged(
  { dice, faults, trace }: PortsContext,
  key: string,
  data: Uint8Array | undefined,
): Uint8Array | undefined {
  if (data === undefined || data.length === 0) return data;
  faults.note("object-damaged");
  const bit = dice.between(0, data.length * 8 - 1);
  trace?.(`bit ${bit} of ${key} is read wrongly`);
  return withBitFlipped(data, bit);
}

function listShards(
  { stores, dice, faults, trace }: PortsContext,
  stream: string,
  fault: FaultName | undefined,
): ReturnType<SimStreams["listShards"]> {
  const { streams } = stores;
  const now = streams.listShards(stream);
  if (fault !== "list-old") return now;
  const agoMs = listAgeMaxMs * dice.fraction();
  const then = streams.listShards(stream, agoMs);
  if (then === now) return now;
  faults.note("list-old");
  trace?.(`a list of ${stream} is ${Math.round(agoMs)} ms old, and older than a reshard`);
  return then;
}

/** By the place at which a process reads: how many empty pages are before it still, and how many there were. */
type EmptyPages = Map<string, { left: number; readonly count: number }>;

const placeOf = ({ stream, shardId, from }: ReadRequest): string =>
  JSON.stringify([stream, shardId, from]);

function beginEmptyPages({ dice }: PortsContext, pages: EmptyPages, request: ReadRequest): void {
  const place = placeOf(request);
  const count = dice.between(1, emptyPagesMax);
  if (!pages.has(place)) pages.set(place, { left: count, count });
}

function emptyPage(
  { stores, faults, trace }: PortsContext,
  pages: EmptyPages,
  request: ReadRequest,
): ReadResult | undefined {
  const place = placeOf(request);
  const run = pages.get(place);
  if (run === undefined) return undefined;
  if (run.left < run.count && faults.at("page") === "iterator-expired") {
    faults.note("iterator-expired");
    trace?.(`an iterator of ${request.stream}/${request.shardId} has expired`);
    run.left = run.count;
  }
  run.left -= 1;
  if (run.left === 0) {
    pages.delete(place);
    // It counts where it hid something.
    if (stores.streams.read(request, 1).records.length > 0) {
      faults.note("empty-pages");
      trace?.(`${run.count} empty pages of ${request.stream}/${request.shardId} are read through`);
    }
  }
  return { records: [], atTip: false, ended: false, next: request.from };
}

interface Put {
  readonly stream: string;
  readonly entries: Parameters<Ports["writer"]["put"]>[1];
  readonly fault: FaultName | undefined;
}

function putRecords(context: PortsContext, { stream, entries, fault }: Put): readonly PutResult[] {
  const { stores, dice, faults, trace } = context;
  const results: PutResult[] = [];
  const places = [...entries.keys()];
  const order = fault === "put-reordered" ? dice.shuffle(places) : places;
  if (order.some((place, at) => place !== at)) {
    faults.note("put-reordered");
    trace?.(`the records of a put into ${stream} land in the order ${order.join(" ")}`);
  }
  const refusedShare = fault === "put-in-part" ? dice.pick([0.2, 0.5, 1]) : 0;
  const splitAt = fault === "put-into-split" ? dice.between(0, entries.length - 1) : -1;
  for (const index of order) {
    if (refusedShare > 0 && dice.chance(refusedShare))
      results[index] = { put: false, reason: dice.pick(["throttled", "failed"]) };
    else {
      if (index === splitAt) splitUnder(context, stream, entries[index]!.explicitHash);
      results[index] = stores.streams.put(stream, entries[index]!);
    }
  }
  const refused = results.filter(({ put }) => !put).length;
  if (refused > 0) {
    faults.note("put-in-part");
    trace?.(`${refused} of ${entries.length} records of a put into ${stream} are refused`);
  }
  return results;
}

/** Splits the shard that a record is about to land in. */
function splitUnder(
  { stores, dice, faults, trace }: PortsContext,
  stream: string,
  position: string | undefined,
): void {
  const { streams } = stores;
  if (position === undefined || streams.shards(stream).length + 2 > shardsMax) return;
  const target = streams.openShards(stream).findLast(({ firstHash }) => firstHash <= position);
  if (target === undefined) return;
  faults.note("put-into-split");
  trace?.(`${target.shardId} of ${stream} is split under a put`);
  streams.split(stream, target.shardId, dice.fraction());
}

/** A stream has at most so many shards, closed ones included. */
export const shardsMax = 24;

function throttled(call: string): Error {
  return storeError("store-throttled", {
    message: `The simulated world throttles ${call}.`,
    retryable: true,
  });
}

function unavailable(call: string): Error {
  return storeError("store-unavailable", {
    message: `The simulated world gave no answer to ${call}.`,
    retryable: true,
  });
}
