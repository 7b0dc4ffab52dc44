import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeClicks } from "./clicks.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-shadow-"));
  writeClicks(folder, 3_000);
  const job = readFileSync(join(folder, "job.ts"), "utf8");
  writeFileSync(join(folder, "twice.ts"), job.replace("sum.n += 1", "sum.n += 2"));
  writeFileSync(
    join(folder, "fewer.ts"),
    job.replace(".keyBy((click)", '.filter(({ user }) => user !== "u3").keyBy((click)'),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shadow = (file: string, ...options: string[]) =>
  millrace(folder, ["shadow", file, "--dir", "run", "--json", ...options]).end;

test("a job is tried beside the one that runs, and beside one that has ended", async () => {
  const input = ["--input", "clicks=clicks.jsonl", "--rate", "150", "--quiet"];
  const live = millrace(folder, ["dev", "job.ts", "--dir", "run", ...input]);
  await live.until((text) => /[1-9]\d* records/.test(text));
  const taken = await millrace(folder, ["savepoint", "take", "--dir", "run", "--id", "before"]).end;
  expect(taken).toMatchObject({ exitCode: 0 });

  const same = await shadow("job.ts", "--from", "before", "--settle", "60");
  expect(same).toMatchObject({
    exitCode: 0,
    stderr: expect.not.stringContaining("error") as string,
  });
  const [about, counts] = jsonLines(same.stdout);
  expect(about).toMatchObject({ type: "shadow", job: "clicks", deadLetters: 0, dropped: [] });
  expect(counts).toMatchObject({ table: "counts", differences: 0, partial: false });

  const twice = await shadow("twice.ts", "--from", "before", "--settle", "0");
  expect(twice.exitCode).toBe(3);
  expect(jsonLines(twice.stdout)[1]).toMatchObject({ type: "compared", table: "counts" });
  expect((await live.end).exitCode).toBe(0);

  // Of one that has ended all is there, and nothing of it was changed.
  const whole = await shadow("job.ts", "--from", "beginning");
  expect(whole.exitCode).toBe(0);
  expect(jsonLines(whole.stdout)[0]).toMatchObject({ records: 3_000 });
  expect(jsonLines(whole.stdout)[1]).toMatchObject({ rows: 42, differences: 0 });
});

test("says what differs, row by row, and what was never there", async () => {
  const words = "shadow twice.ts --dir run --from beginning --settle 0 --limit 1".split(" ");
  const { exitCode, stdout } = await millrace(folder, words).end;
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/^counts: 42 rows compared, 42 differ$/m);
  expect(stdout).toMatch(/^ {2}user=u\d startMs=\d+: n (\d+), the live job's (\d+)$/m);
  expect(stdout).toMatch(/^ {2}and 41 more: --limit <n> shows them$/m);

  const none = await millrace(folder, ["shadow", "job.ts", "--dir", "run", "--from", "never"]).end;
  expect(none).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("reference-unknown") as string,
  });
});
