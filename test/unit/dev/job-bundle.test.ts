import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleJob } from "../../../bundle/index.ts";
import { openJobBundle } from "../../../dev/index.ts";
import { clicksJob } from "../cli/clicks.ts";

let folder: string;
let bundleFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  const entry = join(folder, "job.ts");
  writeFileSync(entry, clicksJob);
  const outfile = join(folder, "job.mjs");
  bundleFile = bundleJob({ entry, kind: "embedded", outfile }).file;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("without a folder it runs in a temporary one, which is gone after closing", async () => {
  const opened = await openJobBundle({ bundleFile });
  expect(existsSync(opened.dir)).toBe(true);
  const run = await opened.run();
  await opened.ports.admin.endStream("clicks");
  expect(await run.done).toBe("ended");
  opened.close();
  expect(existsSync(opened.dir)).toBe(false);
});

test("a folder is kept, and tells the next run what is there", async () => {
  const dir = join(folder, "kept");
  const first = await openJobBundle({ bundleFile, dir, shards: { source: 3 } });
  expect(first.before).toBeUndefined();
  const run = await first.run();
  run.stop();
  expect(await run.done).toBe("stopped");
  first.close();
  const second = await openJobBundle({ bundleFile, dir });
  expect(second.before).toMatchObject({ ended: false });
  expect(second.before?.slots).toHaveLength(3 + 2);
  second.close();
});

test("a bundle without a job is refused", async () => {
  const file = join(folder, "none.mjs");
  writeFileSync(file, "export default {};");
  await expect(openJobBundle({ bundleFile: file })).rejects.toMatchObject({
    code: "job-not-exported",
  });
});

test("state is looked up by key while the job runs", async () => {
  const opened = await openJobBundle({ bundleFile });
  const counts = opened.state("windows", "windows");
  expect(() => opened.state("windows", "sums")).toThrow(/there are windows\/windows/);
  const run = await opened.run();
  const data = new TextEncoder().encode(JSON.stringify({ user: "ada", atMs: 20_000 }));
  await opened.ports.writer.put("clicks", [{ partitionKey: "ada", data }]);
  for (;;) {
    const { entries, version } = await counts.get("ada");
    if (entries.length > 0) {
      expect(entries).toEqual([{ mapKey: "20000/30000", value: expect.anything() as unknown }]);
      expect(version).toBeGreaterThan(0);
      break;
    }
    await opened.ports.clock.sleep(5);
  }
  expect((await counts.get("grace")).entries).toEqual([]);
  run.stop();
  await run.done;
  opened.close();
});
