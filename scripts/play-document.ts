import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";

/** A block of a document: a file that is written, a line of one that is replaced, or commands with what they print. */
interface Block {
  readonly line: number;
  readonly kind: "file" | "edit" | "console";
  readonly file: string;
  /** Of commands, the words behind "console". */
  readonly words: readonly string[];
  readonly text: string;
}

export interface PlayOptions {
  /** Where it is played; empty, but for what the document takes as given. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Plays the blocks ` ```console on=<place> ` alone; without it, all others. */
  readonly on?: string;
  /** Told of each command, and of what it printed. */
  readonly onPlayed?: (transcript: string) => void;
}

/**
 * Does what a document shows, block by block: ` ```<language> file=<name> ` is written, ` ```ts edit=<name> ` takes the place of the line that begins as it does, and the
 * commands of ` ```console ` are run, from where a `cd` before has led. A command of ` ```console beside ` goes on in another shell once it has printed what is shown, and is
 * interrupted at the end; one of ` ```console soon ` is given anew until it prints that. Answers how many commands there were.
 * @throws where a command prints anything else than what stands behind it, or does not end well when it is interrupted
 */
export async function playDocument(
  document: string,
  { folder, env, on, onPlayed }: PlayOptions,
): Promise<number> {
  const beside: Running[] = [];
  let here = folder;
  let commands = 0;
  const play = async (block: Block, { command, shown }: Command): Promise<void> => {
    const [, to] = /^cd (\S+)$/.exec(command) ?? [];
    if (to !== undefined) here = resolve(here, to);
    const missing = (text: string) => firstMissing(shown, linesOf(text));
    const until = (text: string): boolean => missing(text) === undefined;
    const printed =
      to === undefined ? await run(block, { command, cwd: here, env, until, beside }) : "";
    onPlayed?.(`$ ${command}\n${printed}`);
    const absent = missing(printed);
    if (absent === undefined) return;
    throw new Error(`Line ${block.line}: "${command}" does not print\n${absent}\nbut\n${printed}`);
  };
  try {
    for (const block of blocksOf(document).filter((each) => placeOf(each) === on)) {
      const path = join(here, block.file);
      if (block.kind === "file") {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, block.text);
      } else if (block.kind === "edit")
        writeFileSync(path, withLine(readFileSync(path, "utf8"), block));
      else for (const command of commandsOf(block)) await play(block, command);
      commands += commandsOf(block).length;
    }
  } finally {
    for (const { child } of beside) interrupt(child);
  }
  for (const { command, end } of beside)
    if (!endsOfInterrupted.includes(await end))
      throw new Error(`"${command}" ended with ${String(await end)}`);
  return commands;
}

/** Where a block is played, if not everywhere. */
function placeOf({ words }: Block): string | undefined {
  return words.find((word) => word.startsWith("on="))?.slice("on=".length);
}

function blocksOf(document: string): readonly Block[] {
  const fences = /^```(?:\w+ (file|edit)=(\S+)[^\n]*|console( [^\n]*)?)\n([\s\S]*?)^```$/gm;
  return Array.from(
    document.matchAll(fences),
    ({ index, 1: kind, 2: file = "", 3: words = "", 4: text = "" }) => ({
      line: document.slice(0, index).split("\n").length,
      kind: (kind ?? "console") as Block["kind"],
      file,
      words: words.split(" "),
      text,
    }),
  );
}

interface Command {
  readonly command: string;
  readonly shown: readonly string[];
}

function commandsOf({ kind, text }: Block): readonly Command[] {
  if (kind !== "console") return [];
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

/** A command that goes on beside the others. */
interface Running {
  readonly command: string;
  readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly end: Promise<unknown>;
}

interface Shell {
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether it has printed what is shown. */
  readonly until: (printed: string) => boolean;
  readonly beside: Running[];
}

/** So long what is shown is waited for. */
const soonMs = 500_000;

/** What a command of a block prints, on both outputs, and the exit code where it is none of success. */
async function run({ words }: Block, shell: Shell): Promise<string> {
  if (words.includes("beside")) return await runBeside(shell);
  const lastMs = Date.now() + soonMs;
  for (;;) {
    const printed = await runOnce(shell);
    if (!words.includes("soon") || shell.until(printed) || Date.now() > lastMs) return printed;
    await setTimeout(1_000);
  }
}

async function runOnce(shell: Shell): Promise<string> {
  const { printed, end } = start(shell);
  const code = await end;
  return code === 0 ? printed() : `${printed()}(exit code ${String(code)})\n`;
}

async function runBeside(shell: Shell): Promise<string> {
  const { child, printed, end } = start(shell);
  shell.beside.push({ command: shell.command, child, end });
  const lastMs = Date.now() + soonMs;
  let isOver = false;
  void end.then(() => (isOver = true));
  while (!isOver && !shell.until(printed()) && Date.now() < lastMs) await setTimeout(200);
  return printed();
}

/** In a group of processes of its own, all of which an interruption reaches, as from a keyboard. */
function start({ command, cwd, env }: Shell) {
  const child = spawn("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd, env, detached: true });
  let printed = "";
  for (const output of [child.stdout, child.stderr])
    output.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const end = once(child, "close").then(([code, signal]: unknown[]) => code ?? signal);
  return { child, printed: () => printed, end };
}

/** A shell may die of it, where what it runs ends well. */
const endsOfInterrupted: readonly unknown[] = [0, 130, "SIGINT"];

function interrupt({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGINT");
}

const linesOf = (printed: string): readonly string[] =>
  printed === "" ? [] : printed.trimEnd().split("\n");

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
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { on: { type: "string" } },
  });
  const onPlayed = (transcript: string): void => void process.stdout.write(`\n${transcript}`);
  await playDocument(readFileSync(positionals[0] ?? "", "utf8"), {
    folder: process.cwd(),
    env: process.env,
    ...(values.on !== undefined && { on: values.on }),
    onPlayed,
  });
}
