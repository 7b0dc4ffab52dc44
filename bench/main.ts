import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchCheckpoints, type CheckpointFigures } from "./checkpoints.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchCommits } from "./commits.ts";
import { benchMainJob } from "./main-job.ts";
import { benchHandler } from "./process-handler.ts";

/**
 * Prints the figures of this machine: `npm run bench`, or `npm run bench -- --quick`, or with `--memory` a run of three million
 * flights for the peak of memory. Compare only what stands in one run: machines are noisy.
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
  },
});
const [events, rounds] = values.quick ? [60_000, 1] : [300_000, 3];

print(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}; medians`);
print("\nProcess handler: base64 Kinesis records in, commit and delivery in memory included");
console.table(await benchHandler(values.quick ? 60_000 : 300_000));
print("\nMain job (flight delays, six stages), durable, stream fed before");
console.table(await benchMainJob(events, [1, 2], rounds));
print("\nIts commits and deliveries on the durable embedded store");
console.table([await benchCommits(values.quick ? 60_000 : 200_000)]);
print(
  "\nCold start: bundle load to first commit, durable embedded store; deployed bundle of the main example",
);
console.table([await benchColdStart()]);
print(
  "\nCheckpoints of one slot by size of its state: a full epoch, one after 1 % of the keys changed, restore",
);
const checkpoints: CheckpointFigures[] = [];
for (const mebibytes of values.quick ? [1, 10] : [1, 10, 100])
  checkpoints.push(await benchCheckpoints(mebibytes));
console.table(
  checkpoints.map(({ stateMiB, full, incremental, restoreMs, coldStartMs }) => ({
    stateMiB,
    fullMs: Math.round(full.ms),
    fullBytes: full.newBytes,
    incrementalMs: Math.round(incremental.ms),
    incrementalBytes: incremental.newBytes,
    restoreMs: Math.round(restoreMs),
    coldStartMs: Math.round(coldStartMs),
  })),
);
if (values.memory) {
  print("\nMemory: ten times the events");
  console.table([
    ...(await benchMainJob(300_000, [1], 1)),
    ...(await benchMainJob(3_000_000, [1], 1)),
  ]);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
