import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A block of a document: a file that is written, a line of one that is replaced, or commands with what they print. */
interface Block {
  readonly line: number;
  readonly kind: "file" | "edit" | "console";
  readonly file: string;
  readonly text: string;
}

export interface PlayOptions {
  /** Where it is played; empty, but for what the document takes as given. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Told of each command, and of what it printed. */
  readonly onPlayed?: (transcript: string) => void;
}

/**
 * Does what a document shows, block by block: ` ```<language> file=<name> ` is written, ` ```ts edit=<name> ` takes the place of the line that begins as it does, and the
 * commands of ` ```console ` are run, from where a `cd` before has led. Answers how many commands there were.
 * @throws where a command prints anything else than what stands behind it
 */
export function playDocument(document: string, { folder, env, onPlayed }: PlayOptions): number {
  let here = folder;
  let commands = 0;
  for (const block of blocksOf(document)) {
    const path = join(here, block.file);
    if (block.kind === "file") {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, block.text);
    } else if (block.kind === "edit")
      writeFileSync(path, withLine(readFileSync(path, "utf8"), block));
    else
      for (const { command, shown } of commandsOf(block)) {
        commands += 1;
        const [, to] = /^cd (\S+)$/.exec(command) ?? [];
        if (to !== undefined) here = resolve(here, to);
        const printed = to === undefined ? run(command, here, env) : "";
        onPlayed?.(`$ ${command}\n${printed}`);
        const missing = firstMissing(shown, printed === "" ? [] : printed.trimEnd().split("\n"));
        if (missing !== undefined)
          throw new Error(
            `Line ${block.line}: "${command}" does not print\n${missing}\nbut\n${printed}`,
          );
      }
  }
  return commands;
}

function blocksOf(document: string): readonly Block[] {
  const fences = /^```(?:\w+ (file|edit)=(\S+)[^\n]*|(console))\n([\s\S]*?)^```$/gm;
  return Array.from(
    document.matchAll(fences),
    ({ index, 1: kind, 2: file = "", 4: text = "" }) => ({
      line: document.slice(0, index).split("\n").length,
      kind: (kind ?? "console") as Block["kind"],
      file,
      text,
    }),
  );
}

function commandsOf({ text }: Block) {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...shown] = part.trimEnd().split("\n");
      return { command, shown };
    });
}

/** With the one line that begins as the new one does replaced by it. */
function withLine(before: string, { line, file, text }: Block): string {
  const lines = before.split("\n");
  const start = text.slice(0, text.indexOf("("));
  const begins = (each: string): boolean => each.startsWith(start);
  const count = lines.filter(begins).length;
  if (count !== 1)
    throw new Error(`Line ${line}: ${count} lines of ${file} begin like "${start}".`);
  return lines.with(lines.findIndex(begins), text.trimEnd()).join("\n");
}

/** What it prints, on both outputs, and the exit code where it is none of success. */
function run(command: string, cwd: string, env: NodeJS.ProcessEnv): string {
  const outputs = spawnSync("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd, env, encoding: "utf8" });
  const code = outputs.status === 0 ? "" : `(exit code ${outputs.status})\n`;
  return `${outputs.stdout}${outputs.stderr}${code}`;
}

/** The first shown line that is not where it has to be: behind the one before, or somewhere behind it where a line "…" stands between. */
function firstMissing(shown: readonly string[], printed: readonly string[]): string | undefined {
  let at = 0;
  let isLoose = false;
  for (const line of shown) {
    if (line === "…") {
      isLoose = true;
      continue;
    }
    const fits = patternOf(line);
    const found = printed.findIndex((each, index) => index >= at && fits.test(each));
    if (found === -1 || (!isLoose && found !== at)) return line;
    at = found + 1;
    isLoose = false;
  }
  return isLoose || at === printed.length ? undefined : "(nothing more)";
}

/** Within a line "…" stands for what is another each time, such as a time or a folder. */
function patternOf(line: string): RegExp {
  const parts = line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

if (process.argv[1] === import.meta.filename) {
  const [document = ""] = process.argv.slice(2);
  const onPlayed = (transcript: string): void => void process.stdout.write(`\n${transcript}`);
  playDocument(readFileSync(document, "utf8"), {
    folder: process.cwd(),
    env: process.env,
    onPlayed,
  });
}
