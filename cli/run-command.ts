import { run } from "@stricli/core";
import { application } from "./application.ts";
import type { Context } from "./definition/command.ts";
import { findCommand } from "./find-command.ts";
import { proposeWord, proposeWords } from "./propose-words.ts";

/** Runs what the words behind `millrace` ask for, and prints what went wrong. Answers the exit code. */
export async function runCommand(typed: readonly string[]): Promise<number> {
  const [first, ...others] = typed;
  if (first === proposeWord) return await propose(others);
  const at = typed.indexOf("--");
  const before = at < 0 ? typed : typed.slice(0, at);
  const behindDashes = at < 0 ? [] : typed.slice(at + 1);
  const words = before[0] === "help" ? [...before.slice(1), "--help"] : before;
  const found = findCommand(words);
  const asksForHelp = words.includes("--help") || words.includes("-h");
  const { stdout, stderr, env } = process;
  const context: Context = { process: { stdout, stderr, env }, behindDashes };
  await run(application(found, asksForHelp), words, context);
  const exitCode = Number(context.process.exitCode);
  if (exitCode >= 0) return exitCode;
  stderr.write(`${hint(found.path)}\n`);
  return usageExitCode;
}

async function propose(words: readonly string[]): Promise<number> {
  const lines = await proposeWords(words);
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
}

/** The words could not be understood. */
const usageExitCode = 2;

const hint = (path: readonly string[]): string =>
  path.length === 0
    ? '  "millrace help" lists all commands.'
    : `  "millrace ${path.join(" ")} --help" shows how it is used.`;
