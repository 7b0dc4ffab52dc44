import { dropExperimentalWarnings } from "./experimental-warnings.ts";
import { showError } from "./show-error.ts";

/** The `millrace` command as a process of its own, which it ends. */
export async function main(words: readonly string[]): Promise<never> {
  // A reader that has seen enough, such as `head`, ends the command.
  process.stdout.on("error", () => process.exit(0));
  process.on("uncaughtException", (thrown) => process.exit(showError(thrown)));
  // Traces lead into the job's own files, not into its bundle.
  process.setSourceMapsEnabled(true);
  dropExperimentalWarnings();
  const { runCommand } = await import("./run-command.ts");
  const exitCode = await runCommand(words);
  // A pipe takes what is written when its reader does: an exit before would cut it off.
  for (const output of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => void output.write("", () => resolve()));
  // Timers and sockets of the job would keep the process alive.
  process.exit(exitCode);
}
