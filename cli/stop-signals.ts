const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** As shells have it for Ctrl-C. */
export const interruptedExitCode = 130;

/** The first SIGINT, SIGTERM or SIGHUP calls `stop`; the second exits at once. Answers what takes the handlers away again. */
export function onStopSignals(stop: () => void): () => void {
  let received = 0;
  const handle = (): void => {
    received += 1;
    if (received > 1) process.exit(interruptedExitCode);
    stop();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
