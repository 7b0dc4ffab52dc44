import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

const clickCount = 700;
let folder: string;
let expected: readonly string[];
let clicks: readonly { readonly user: string; readonly atMs: number }[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  expected = writeClicks(folder, clickCount);
  const lines = readFileSync(join(folder, "clicks.jsonl"), "utf8").split("\n");
  clicks = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as never);
  const job = readFileSync(join(folder, "job.ts"), "utf8");
  writeFileSync(join(folder, "typed.ts"), job.replace("unchecked()", numbersOnly));
});
/** A Standard Schema, written out: packages can't be found from a temporary folder. */
const numbersOnly = `{ "~standard": { version: 1, vendor: "test", validate: (value) =>
  typeof value.atMs === "number" ? { value } : { issues: [{ message: "no number", path: ["atMs"] }] } } }`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dev = (job: string, dir: string, ...args: string[]) =>
  millraceHere(folder, ["dev", job, "--dir", join(folder, dir), "--json", ...args]);

describe("millrace dev --input", () => {
  const table = () => ["user,atMs", ...clicks.map(({ user, atMs }) => `${user},${atMs}`)];

  test.each([
    ["array.json", "job.ts", () => JSON.stringify(clicks, null, 2)],
    ["table.csv", "typed.ts", () => table().join("\r\n")],
    ["table.tsv.zst", "typed.ts", () => zstdCompressSync(table().join("\n").replaceAll(",", "\t"))],
  ])("takes %s as it takes lines", async (name, job, content) => {
    writeFileSync(join(folder, name), content());
    const { exitCode, stderr } = await dev(job, `of-${name}`, "--input", `clicks=${name}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(await countsIn(join(folder, `of-${name}`))).toEqual(expected);
  });

  test("takes the files of a folder, of whatever kind, in order", async () => {
    mkdirSync(join(folder, "days"));
    writeFileSync(join(folder, "days/1.json"), JSON.stringify(clicks.slice(0, 300)));
    writeFileSync(join(folder, "days/2.csv"), ["user,atMs", ...table().slice(301)].join("\n"));
    const { exitCode } = await dev("typed.ts", "of-days", "--input", "clicks=days");
    expect(exitCode).toBe(0);
    expect(await countsIn(join(folder, "of-days"))).toEqual(expected);
  });

  test("makes a dead letter of a line of 5 MB, with its place, and takes the rest", async () => {
    const [first, ...rest] = clicks.map((click) => JSON.stringify(click));
    const long = JSON.stringify({ user: "u".repeat(5_000_000), atMs: 1 });
    writeFileSync(join(folder, "long.jsonl"), [first, long, ...rest].join("\n"));
    const { exitCode, stdout } = await dev("job.ts", "long", "--input", "clicks=long.jsonl");
    expect(exitCode).toBe(3);
    expect(jsonLines(stdout)).toContainEqual({
      type: "alarm",
      kind: "alarm",
      code: "dead-letters",
      message: "long.jsonl, line 2: it has 5000020 characters, and a record at most 1 MiB",
      detail: expect.objectContaining({
        slot: "input/clicks",
        file: "long.jsonl",
        line: 2,
      }) as object,
    });
    expect(jsonLines(stdout).at(-1)).toMatchObject({ deadLettersOfRun: 1, deadLetters: 1 });
    expect(await countsIn(join(folder, "long"))).toEqual(expected);
    const status = await millraceHere(folder, ["status", "--dir", "long", "--json"]);
    expect(jsonLines(status.stdout)).toMatchObject([{ deadLetters: 1 }]);
    const letters = await millraceHere(folder, ["deadletters", "show", "--dir", "long", "--json"]);
    expect(jsonLines(letters.stdout)).toMatchObject([
      { slot: "input/clicks", sequence: "long.jsonl:2", kind: "undecodable", cut: ["payload"] },
    ]);
  });

  test("says what a file seems to be that it can't read, and ends", async () => {
    writeFileSync(join(folder, "table.txt"), table().join("\n"));
    const { exitCode, stderr } = await dev("job.ts", "foreign", "--input", "clicks=table.txt");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'table.txt, line 1: it seems to be a table with commas between its fields, and no JSON. It begins "user,atMs".',
    );
    const told = ["--input", "clicks=table.txt", "--format", "clicks=csv"];
    expect((await dev("typed.ts", "told", ...told)).exitCode).toBe(0);
  });

  test("goes on behind what was fed before, and refuses an input that has changed there", async () => {
    const lines = clicks.map((click) => JSON.stringify(click));
    const file = join(folder, "growing.jsonl");
    const run = () => dev("job.ts", "growing", "--no-end", "--input", "clicks=growing.jsonl");
    writeFileSync(file, `${lines.slice(0, 300).join("\n")}\n`);
    const args = ["--dir", "growing", "--json", "--no-end", "--input", "clicks=growing.jsonl"];
    const first = millrace(folder, ["dev", "job.ts", ...args]);
    await first.until((stdout) => /"type":"progress".*"records":300/.test(stdout));
    first.kill("SIGINT");
    expect((await first.end).exitCode).toBe(130);
    writeFileSync(file, `${["{}", ...lines.slice(1)].join("\n")}\n`);
    const changed = await run();
    expect(changed.exitCode).toBe(1);
    expect(changed.stderr).toMatch(
      /--input clicks=growing.jsonl has changed: its first 300 documents.*another --dir.*input-changed/s,
    );
    writeFileSync(file, lines.slice(0, 299).join("\n"));
    expect((await run()).stderr).toContain("(input-changed)");
    writeFileSync(file, `${lines.slice(0, 300).join("\n")}\n`);
    appendFileSync(file, lines.slice(300).join("\n"));
    const end = await dev("job.ts", "growing", "--input", "clicks=growing.jsonl");
    expect(end.exitCode).toBe(0);
    expect(await countsIn(join(folder, "growing"))).toEqual(expected);
  });

  test.each([
    [["--input", "clicks=gone.json"], "There is no file or folder gone.json"],
    [["--input", "clicks=*.gone"], "No file is called *.gone"],
    [
      ["--input", "clicks=a.csv", "--format", "clicks=xls"],
      'is "xls"; it takes one of lines, array',
    ],
    [["--format", "other=csv"], "--format names other, which no --input feeds"],
  ])("is wrong usage with %j", async (args, message) => {
    const { exitCode, stderr } = await dev("job.ts", "usage", ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
