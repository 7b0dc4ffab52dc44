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
  const say = stderr.isTTY
    ? () => void stderr.write(`${eraseLine}${howFar()}`)
    : () => void stderr.write(`${howFar()}\n`);
  const timer = setInterval(say, stderr.isTTY ? terminalMs : logMs);
  return () => {
    clearInterval(timer);
    if (stderr.isTTY) stderr.write(eraseLine);
  };
}
