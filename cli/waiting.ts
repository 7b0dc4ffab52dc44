import { systemClock } from "../runtime/node/system-environment.ts";
import { readableDuration } from "./readable.ts";

/** A terminal has one such line: the innermost wait has it. */
let waits = 0;

const eraseLine = "\r\u001b[K";
const terminalMs = 1_000;
/** A log of a build needs no more. */
const logMs = 10_000;

/**
 * Says on standard error how far something is, from its first second on: every second in place where that is a terminal, else a line
 * every ten. Answers what ends it.
 */
export function saysHowFar(howFar: () => string): () => void {
  const { stderr } = process;
  const own = (waits += 1);
  const say = stderr.isTTY
    ? () => void (own === waits && stderr.write(`${eraseLine}${howFar()}`))
    : () => void stderr.write(`${howFar()}\n`);
  const timer = setInterval(say, stderr.isTTY ? terminalMs : logMs);
  return () => {
    clearInterval(timer);
    waits -= 1;
    if (stderr.isTTY) stderr.write(eraseLine);
  };
}

/** Says what is done now, and from its second second on for how long it has been. */
export async function whileSaying<T>(what: string, work: () => Promise<T>): Promise<T> {
  process.stdout.write(`${what}\n`);
  return await whileTelling(what, work);
}

/** Says at a terminal for how long a command has been waiting; a log needs no such lines. */
export async function whileWaiting<T>(work: () => Promise<T>): Promise<T> {
  return process.stderr.isTTY ? await whileTelling("waiting", work) : await work();
}

async function whileTelling<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startMs = systemClock.nowMs();
  const quiet = saysHowFar(() => `${what}: ${readableDuration(systemClock.nowMs() - startMs)}`);
  try {
    return await work();
  } finally {
    quiet();
  }
}
