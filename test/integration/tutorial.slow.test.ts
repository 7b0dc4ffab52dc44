import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../unit/tidy/sources.ts";

/** A block of the tutorial: a file that is written, a line of one that is replaced, or commands with what they print. */
interface Block {
  readonly line: number;
  readonly kind: "file" | "edit" | "console";
  readonly file: string;
  readonly text: string;
}

const tutorial = readFileSync(join(root, "docs/tutorial.md"), "utf8");
const blocks: readonly Block[] = [
  ...tutorial.matchAll(/^```(?:\w+ (file|edit)=(\S+)[^\n]*|(console))\n([\s\S]*?)^```$/gm),
].map((match) => ({
  line: tutorial.slice(0, match.index).split("\n").length,
  kind: (match[1] ?? "console") as Block["kind"],
  file: match[2] ?? "",
  text: match[4] ?? "",
}));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-tutorial-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/millrace"));
  for (const name of ["zod", "vitest"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what the tutorial shows is what happens, block by block", async () => {
  expect(blocks.filter(({ kind }) => kind === "console").length).toBeGreaterThan(5);
  for (const block of blocks) {
    if (block.kind === "file") writeFileSync(join(folder, block.file), block.text);
    else if (block.kind === "edit") replaceLine(block);
    else await play(block);
  }
});

/** Replaces the one line that begins as the new one does. */
function replaceLine({ file, text }: Block): void {
  const path = join(folder, file);
  const lines = readFileSync(path, "utf8").split("\n");
  const start = text.slice(0, text.indexOf("("));
  const found = lines.flatMap((line, at) => (line.startsWith(start) ? [at] : []));
  expect(found, `lines like "${start}"`).toHaveLength(1);
  lines[found[0]!] = text.trimEnd();
  writeFileSync(path, lines.join("\n"));
}

/** Runs the commands of a block, and compares what they print. */
async function play({ line, text }: Block): Promise<void> {
  for (const part of text.split(/^\$ /m).slice(1)) {
    const [command = "", ...shown] = part.trimEnd().split("\n");
    const printed = await run(command);
    const missing = firstMissing(shown, printed);
    if (missing !== undefined)
      throw new Error(
        `docs/tutorial.md, block of line ${line}: "${command}" does not print\n${missing}\nbut\n${printed.join("\n")}`,
      );
  }
}

/** The first shown line that is not where it has to be: behind the one before, or somewhere behind it where "…" stands between. */
function firstMissing(shown: readonly string[], printed: readonly string[]): string | undefined {
  let at = 0;
  let isLoose = false;
  for (const line of shown) {
    if (line === "…") {
      isLoose = true;
      continue;
    }
    const found = isLoose ? printed.indexOf(line, at) : printed[at] === line ? at : -1;
    if (found === -1) return line;
    at = found + 1;
    isLoose = false;
  }
  return isLoose || at === printed.length ? undefined : "(nothing more)";
}

const programs: Readonly<Record<string, readonly string[]>> = {
  millrace: [join(root, "cli/millrace.ts")],
  vitest: [join(root, "node_modules/vitest/vitest.mjs")],
};

/** Lines of both outputs, and of the exit code where it is none of success. */
async function run(command: string): Promise<readonly string[]> {
  const [npx, program = "", ...args] = command.split(" ");
  const file = programs[program];
  if (npx !== "npx" || file === undefined) throw new Error(`What is "${command}"?`);
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV/.test(name));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: "1" };
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [...file, ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => {
        const code = error === null ? "" : `(exit code ${error.code})\n`;
        resolve(`${stdout}${stderr}${code}`.trimEnd().split("\n"));
      },
    );
  });
}
