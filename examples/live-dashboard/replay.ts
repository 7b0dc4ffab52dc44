import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readQuakes } from "./quakes-file.ts";

/** Prints the week as JSON lines, so many times as fast as it went by. */
const { values } = parseArgs({
  options: { speed: { type: "string", default: "3600" } },
});
const speed = Number(values.speed);
if (!(speed > 0)) {
  process.stderr.write(
    `--speed is "${values.speed}"; it must be a number above 0, such as 3600: an hour in a second.\n`,
  );
  process.exit(2);
}

/** Each when it is due. */
async function* lines(): AsyncGenerator<string> {
  const startedMs = performance.now();
  let firstMs: number | undefined;
  for (const quake of readQuakes()) {
    firstMs ??= quake.timeMs;
    const dueMs = startedMs + (quake.timeMs - firstMs) / speed;
    const aheadMs = dueMs - performance.now();
    if (aheadMs > 0) await wait(aheadMs);
    yield `${JSON.stringify(quake)}\n`;
  }
}

try {
  await pipeline(lines(), process.stdout);
} catch (thrown) {
  // Whoever read it is gone, for example because Ctrl-C was pressed.
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EPIPE")) throw thrown;
}
