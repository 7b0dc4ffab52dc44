import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clicksJob } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { type CommandEnd, millrace } from "./command.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeFileSync(join(folder, "job.ts"), clicksJob);
  writeFileSync(join(folder, "broken.ts"), "const fine = 1;\nconst = 2;\n");
  writeFileSync(join(folder, "empty.ts"), "export const nothing = 1;\n");
  writeFileSync(join(folder, "throws.ts"), 'throw new Error("no such luck");\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<CommandEnd> => millraceHere(folder, args);

describe("the command line", () => {
  test.each([
    [["frobnicate"], /no command "frobnicate"\n/],
    [["stauts"], /no command "stauts"; did you mean "status"\?/],
    [["--hlep"], /"millrace" has no option --hlep; did you mean --help\?/],
    [["--verison"], /"millrace" has no option --verison; did you mean --version\?/],
    [["-hlep"], /"millrace" has no option -hlep; did you mean --help\?/],
    [["savepoint", "--hepl"], /"millrace savepoint" has no option --hepl; did you mean --help\?/],
    [["rows", "--hlep"], /"millrace rows" has no option --hlep; did you mean --help\?/],
    [["rows", "--helpp", "--dir", "d"], /no option --helpp; did you mean --help\?/],
    [["savepoint", "--frob"], /"millrace savepoint" has no option --frob\n/],
    [["constructor"], /no command "constructor"/],
    [["savepoint", "lst"], /takes take, list, .* or copy, not "lst"; did you mean "list"\?/],
    [["rows", "--constructor", "x"], /"millrace rows" has no option --constructor/],
    [["rows", "-x"], /"millrace rows" has no option -x/],
    [["rows", "--", "x"], /"--" leads nowhere here; what is "x"/],
    [["rows", "--dir"], /"millrace rows" needs --dir <folder>/],
    [["rows", "--dir", "a", "--dir", "b"], /--dir is given twice, as "a" and as "b"/],
    [["cost", "job.ts"], /"millrace cost" needs --events-per-second <n>/],
    [["dev", "job.ts", "--exchang-shards", "3"], /did you mean --exchange-shards\?/],
    [["dev"], /"millrace dev" needs <job.ts>, the file of a job/],
    [["dev", "job.ts", "other.ts"], /what is "other.ts"/],
    [["dev", "job.ts", "--frobnicate"], /--frobnicate/],
    [["dev", "job.ts", "--workers", "many"], /--workers is "many"/],
    [["dev", "job.ts", "--rate", "0"], /--rate is "0"/],
    [["dev", "job.ts", "--input", "clicks"], /<stream>=<file, folder or pattern>/],
    [
      ["dev", "job.ts", "--input", "clicks=absent.jsonl"],
      /absent.jsonl: There is no file or folder/,
    ],
    [["dev", "job.ts", "--input", "taps=job.ts"], /reads clicks/],
    [["dev", "job.ts", "--inspect=many"], /--inspect is "many"; it takes a whole number/],
    [
      ["dev", "job.ts", "--watch", "--input", "clicks=-"],
      /--watch and standard input exclude each other/,
    ],
    [["dev", "job.ts", "--key", "clicks=user"], /no --input feeds/],
    [["explain", "job.ts", "--json", "--mermaid"], /exclude each other/],
    [["completion", "tcsh"], /"tcsh"; it can be bash, zsh or fish/],
  ])("refuses %j and says why, with exit code 2", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(
      /\n {2}"millrace .*(help|--help)" (lists all commands|shows how it is used)/,
    );
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });

  test.each([[[]], [["help"]], [["--help"]], [["-h"]]])("%j lists the commands", async (args) => {
    const { exitCode, stdout } = await run(...args);
    expect(stdout).toMatch(/^ {2}explain +show how a job will run/m);
    expect(exitCode).toBe(0);
  });

  test.each([["--version"], ["-v"]])("%s prints the version", async (option) => {
    expect((await run(option)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("is a process whose exit code, standard output and standard error are those of its command", async () => {
    const version = await run("--version");
    expect(await millrace(folder, ["--version"]).end).toEqual(version);
    const refused = await run("frobnicate");
    expect(refused.exitCode).toBe(2);
    expect(await millrace(folder, ["frobnicate"]).end).toEqual(refused);
  });
});

describe.each(["dev", "explain"])("millrace %s of a file", (command) => {
  test.each([
    ["absent.ts", /absent\.ts is not a file .*entry-missing/s],
    ["broken.ts", /broken\.ts:2:7: .*entry-not-compiled/s],
    ["empty.ts", /empty\.ts has no default export.*defineJob.*job-not-exported/s],
    ["throws.ts", /no such luck.*throws\.ts:1.*job-code-failed/s],
  ])("like %s says what is wrong, with exit code 1", async (file, message) => {
    const { exitCode, stderr } = await run(command, file);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(1);
  });
});

describe("millrace explain", () => {
  test("prints stages, and each sink with its guarantee", async () => {
    const { exitCode, stdout } = await run("explain", "job.ts");
    expect(stdout).toMatch(/stage clicks: reads stream "clicks".*keyed by user.*exactly-once/s);
    expect(exitCode).toBe(0);
  });

  test("--json prints the plan as data", async () => {
    const { stdout } = await run("explain", "job.ts", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      job: "clicks",
      sinks: [{ uid: "counts", target: "counts", guarantee: "exactly-once" }],
    });
  });

  test("--mermaid prints a flowchart", async () => {
    expect((await run("explain", "job.ts", "--mermaid")).stdout).toMatch(/^flowchart /);
  });
});

describe("commands about checkpoints", () => {
  test.each([
    [["checkpoint"], /takes list or describe/],
    [["checkpoint", "drop"], /not "drop"/],
    [["checkpoint", "list"], /--dir <folder>, --outputs <file>, or --table <name> and --bucket/],
    [["checkpoint", "list", "one", "--dir", "d"], /what is "one"/],
    [["checkpoint", "describe", "--dir", "d"], /needs <ref>, the name/],
    [["savepoint"], /takes take, list/],
    [["savepoint", "list", "--dir", "d", "--table", "t"], /--dir and --table exclude each other/],
    [["savepoint", "list", "--table", "t"], /--table needs --bucket/],
    [["savepoint", "take", "--dir", "d", "--timeout", "soon"], /--timeout is "soon"/],
    [["savepoint", "copy", "one", "--dir", "d"], /needs --to/],
    [["stop", "--dir", "d", "--drain", "--no-savepoint"], /exclude each other/],
    [["restore", "one", "--dir", "d"], /needs <job.ts>, the file of a job/],
    [["restore", "one", "job.ts", "--table", "t", "--bucket", "b", "--shards", "2"], /with --dir/],
    [["checkpoint", "list", "--table", "t", "--bucket", "b"], /--job <name>/],
  ])("%j is refused and says why, with exit code 2", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });
});
