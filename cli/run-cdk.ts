import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { deploymentError, messageOf } from "../runtime/errors/millrace-error.ts";

/**
 * Says the command line, runs it on this terminal, and answers its exit code; 128 and the signal's number where a signal
 * ended it, as shells do.
 */
export async function runCdk(
  program: string,
  args: readonly string[],
  { region }: { readonly region: string },
): Promise<number> {
  process.stdout.write(`$ ${[program, ...args].map(quoted).join(" ")}\n`);
  // The region that was looked at is the one that is deployed to.
  const env = { ...process.env, AWS_REGION: region };
  const child = spawn(program, args, { stdio: "inherit", env });
  // Ctrl-C reaches the child by itself, as the terminal signals all of the group: here it only must not end us before.
  const stay = (): void => {};
  const handOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", stay);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, handOn);
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (cause) {
    throw deploymentError("cdk-missing", {
      message: `${program} could not be run: ${messageOf(cause)}`,
      next: "Look at the file, or install the CDK's command line anew: npm install --save-dev aws-cdk@2",
      cause,
    });
  } finally {
    process.off("SIGINT", stay);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, handOn);
  }
}

/** As a shell would take it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
