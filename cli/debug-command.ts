import { join } from "node:path";
import { bundleJob } from "../bundle/index.ts";
import { loadBundle } from "../dev/index.ts";
import { temporaryFolder } from "../dev/temporary-folder.ts";
import { findRun } from "../http/found-job.ts";
import { inputError } from "../runtime/errors/millrace-error.ts";
import { checkPlan } from "../runtime/job/generation.ts";
import { defaultSlotSettings, type JobRuntime } from "../runtime/job/job-runtime.ts";
import { readProgress, type SlotProgress } from "../runtime/job/progress.ts";
import { ownerOfSlot, slotOfShard } from "../runtime/job/slot-ref.ts";
import { exchangeSlots } from "../runtime/plan/plan.ts";
import { partsOfSlot } from "../runtime/savepoints/read-state-history.ts";
import { differencesOf } from "../runtime/slot/replay/differences.ts";
import { replayBatch } from "../runtime/slot/replay/replay-batch.ts";
import { withJob } from "./checkpoint-command.ts";
import type { DebugGiven } from "./commands/debug.ts";
import { replayAnswer } from "./debug-text.ts";
import { runWaiting } from "./dev-apart.ts";
import type { OpenStore } from "./open-store.ts";
import { servedStore } from "./served-store.ts";
import { storeOptions } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

const otherExitCode = 3;

/** `millrace debug`. Answers the exit code. */
export async function debugCommand(given: DebugGiven): Promise<number> {
  const { inspect, ...values } = given.values;
  if (inspect !== undefined)
    return await runWaiting("debug", { values, args: given.args, port: inspect });
  const version = versionOf(given.args[1]);
  const file = given.args[2];
  let exitCode = 0;
  const answered = await withJob(storeOptions(values), async (store, name) => {
    const { job, progress, generation } = await jobOf(store, { name, file, slot: given.args[0] });
    const slot = slotOfShard(job, progress.stream, progress.shardId);
    const replayed = await replayBatch({
      job,
      generation,
      slot,
      progress,
      version: version ?? progress.version + 1,
      parts: await partsOfSlot(job.ports, { plan: job.plan, generation }, progress),
      recordsMax: values.records,
    });
    const { committed, body, failures } = replayed;
    const differences = committed === undefined ? [] : differencesOf(committed, body);
    const isFailing = committed === undefined && failures.length > 0;
    if (differences.length > 0 || isFailing) exitCode = otherExitCode;
    return replayAnswer(replayed, { slot: slot.name, differences });
  });
  return answered === 0 ? exitCode : answered;
}

function versionOf(typed: string): number | undefined {
  if (typed === "next") return undefined;
  const version = Number(typed);
  if (Number.isInteger(version) && version > 0) return version;
  throw new UsageError(`<version> is "${typed}"; it takes a whole number from 1, or "next".`);
}

interface Named {
  readonly name: string;
  readonly file: string;
  readonly slot: string;
}

/** @throws MillraceError `plan-changed` where the file holds another version of the job than the one that ran; `slot-unknown` */
async function jobOf(store: OpenStore, { name, file, slot }: Named) {
  const { generation, rows } = await findRun(servedStore(store, name), name);
  const outfile = join(temporaryFolder("debug"), "job.mjs");
  const bundle = bundleJob({ entry: file, kind: "embedded", outfile, name });
  const { graph, plan } = await loadBundle(bundle.file);
  checkPlan(generation, plan);
  const place = { job: name, generation: generation.generation, slot };
  const progress = await readProgress(store.ports, place);
  if (progress === undefined) throw slotUnknown(slot, rows);
  const streams = rows.flatMap(({ slot: one, stream }) => {
    const source = plan.sources.find(({ uid }) => uid === ownerOfSlot(one));
    return source === undefined ? [] : [[source.stream, stream] as const];
  });
  const exchange = rows.find(({ slot: one }) => ownerOfSlot(one) === exchangeSlots);
  const names = {
    exchangeStream: exchange?.stream ?? "",
    streams: Object.fromEntries(streams),
    tables: {},
  };
  const job: JobRuntime = { graph, plan, ports: store.ports, names, settings: defaultSlotSettings };
  return { job, progress, generation };
}

function slotUnknown(slot: string, rows: readonly SlotProgress[]): Error {
  return inputError("slot-unknown", {
    message: `There is no slot "${slot}"; there are ${rows.map((row) => row.slot).join(", ")}.`,
    next: "Give one of these names.",
  });
}
