import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { bundleJob } from "../bundle/index.ts";
import { type ComparedTable, loadBundle, type Shadow, startShadow } from "../dev/index.ts";
import { temporaryFolder } from "../dev/temporary-folder.ts";
import { resolveReference } from "../runtime/savepoints/index.ts";
import { answering } from "./answer.ts";
import type { ShadowGiven } from "./commands/shadow.ts";
import { jobOfStore, openStore } from "./open-store.ts";
import { resultTables } from "./result-table.ts";
import { comparedAnswer } from "./shadow-text.ts";
import { interruptedExitCode, type StopSignal, stopSignal } from "./stop-signals.ts";

const differentExitCode = 3;
/** No epoch has this name: each has a slash, or was named by somebody who wanted it. */
const fromBeginning = "beginning";
/** Between two looks at how far it is, or whether a difference is still there. */
const lookMs = 250;

/** `millrace shadow <job.ts>`. Answers the exit code. */
export async function shadowCommand({ values, args: [jobFile] }: ShadowGiven): Promise<number> {
  const options = resultTables(values);
  let exitCode = 0;
  const answered = await answering(options, async () => {
    const store = await openStore(options.place);
    const stop = stopSignal();
    try {
      const name = await jobOfStore(options);
      const folder = temporaryFolder("shadow");
      const outfile = join(folder, "job.mjs");
      const { file } = bundleJob({ entry: jobFile, kind: "embedded", outfile, name });
      const reference = values.from ?? "latest";
      const manifest =
        reference === fromBeginning
          ? undefined
          : await resolveReference(store.ports, { job: name, reference });
      const shadow = await startShadow({
        job: await loadBundle(file),
        live: { ports: store.ports, streams: options.streamNames, tables: options.names },
        ...(manifest !== undefined && { manifest }),
        dir: join(folder, "world"),
        ...(options.place.kind === "aws" && { pollMs: deployedPollMs }),
        allowNonRestoredState: values["allow-non-restored-state"],
        onReport: ({ kind, code, message }) => {
          if (kind !== "printed") process.stderr.write(`${kind} ${code}: ${message}\n`);
        },
      });
      try {
        const patienceMs = values.settle * 1_000;
        const isWhole = await untilCaughtUp(
          shadow,
          { forMs: values.for * 1_000, patienceMs },
          stop,
        );
        const tables = await settled(shadow, patienceMs, stop);
        const isSame = tables.every(({ differences }) => differences.length === 0);
        exitCode = !isWhole ? interruptedExitCode : isSame ? 0 : differentExitCode;
        return await comparedAnswer(shadow, { job: name, manifest, tables, limit: values.limit });
      } finally {
        shadow.run.stop();
        await shadow.run.done.catch(() => undefined);
        shadow.close();
      }
    } finally {
      stop.release();
      store.close();
    }
  });
  return answered === 0 ? exitCode : answered;
}

/** A shard of Kinesis is read five times a second at most, and its functions read it as well. */
const deployedPollMs = 1_000;
/** So long nothing is written where what was read has come through. */
const quietMs = 3_000;

/** Until it has taken all that there is, or has ended with its streams; answers false where somebody has stopped it before. */
async function untilCaughtUp(
  shadow: Shadow,
  { forMs, patienceMs }: { readonly forMs: number; readonly patienceMs: number },
  stop: StopSignal,
): Promise<boolean> {
  const fromMs = Date.now() + forMs;
  let writes = { count: 0, atMs: Date.now() };
  let isOver = false;
  const over = shadow.run.done.then(() => (isOver = true));
  // Nobody waits for it any more where it fails later.
  over.catch(() => undefined);
  while (!stop.signal.aborted && !isOver) {
    const nowMs = Date.now();
    const isBehind = !(await shadow.hasCaughtUp());
    // Behind a stream that never rests there is no quiet.
    if (isBehind || (shadow.writes() !== writes.count && nowMs < fromMs + patienceMs))
      writes = { count: shadow.writes(), atMs: nowMs };
    else if (nowMs >= fromMs && nowMs - writes.atMs >= quietMs) return true;
    await Promise.race([over, stop.stopped, setTimeout(lookMs)]);
  }
  return isOver;
}

/** What differs for longer than one of the two may be ahead of the other. */
async function settled(
  shadow: Shadow,
  settleMs: number,
  stop: StopSignal,
): Promise<readonly ComparedTable[]> {
  const lastMs = Date.now() + settleMs;
  // Both go on while they are compared: what comes late in the one is looked at once more.
  let tables = await shadow.compare();
  const isSettled = (): boolean => tables.every(({ differences }) => differences.length === 0);
  while (!isSettled() && Date.now() < lastMs && !stop.signal.aborted) {
    await Promise.race([stop.stopped, setTimeout(lookMs)]);
    tables = await Promise.all(
      tables.map(async (table) => ({
        ...table,
        differences: await shadow.stillDiffer(table.differences),
      })),
    );
  }
  return tables;
}
