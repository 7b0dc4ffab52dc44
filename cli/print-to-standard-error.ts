import { Console } from "node:console";

/**
 * What a job's code prints goes to standard error, so that it does not come between the lines of whoever reads standard output.
 * Answers what gives the console back.
 */
export function printToStandardError(): () => void {
  const own = globalThis.console;
  globalThis.console = new Console(process.stderr, process.stderr);
  return () => void (globalThis.console = own);
}
