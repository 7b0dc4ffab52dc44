import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

const mebibyte = 1_048_576;
const module = JSON.stringify(
  new URL("../../../runtime/node/system-heap.ts", import.meta.url).href,
);
const program = `const { systemHeap } = await import(${module}); const { limitBytes } = systemHeap().measure();`;

/** The limit that a process with these options has. */
function limitOfProcess(...options: readonly string[]): number {
  const code = `${program} console.log(limitBytes);`;
  const args = [...options, "--input-type=module", "--eval", code];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("the limit is that of V8's old generation, whatever V8 makes of the size of the young one", async () => {
  expect(limitOfProcess("--max-old-space-size=300")).toBe(300 * mebibyte);
  expect(limitOfProcess("--max-old-space-size=300", "--max-semi-space-size=5")).toBe(
    300 * mebibyte,
  );
  const worker = new Worker(
    `(async () => { ${program} require("node:worker_threads").parentPort.postMessage(limitBytes); })()`,
    { eval: true, resourceLimits: { maxOldGenerationSizeMb: 100, maxYoungGenerationSizeMb: 8 } },
  );
  const [limitBytes] = await once(worker, "message");
  await worker.terminate();
  expect(limitBytes).toBe(100 * mebibyte);
});
