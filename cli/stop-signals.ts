const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** As shells have it for Ctrl-C. */
export const interruptedExitCode = 130;

/** What whoever runs this process in a process of its own sends to stop it. */
export const stopMessage = "millrace:stop";

/** That somebody wants this process to stop, as something to wait for. */
export interface StopSignal {
  readonly signal: AbortSignal;
  readonly stopped: Promise<void>;
  /** Takes the handlers away again. */
  readonly release: () => void;
}

/** See {@link onStopSignals}. */
export function stopSignal(): StopSignal {
  const stopping = new AbortController();
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const release = onStopSignals(() => {
    stopping.abort();
    resolve();
  });
  return { signal: stopping.signal, stopped, release };
}

/** The first SIGINT, SIGTERM or SIGHUP calls `stop`, or {@link stopMessage}; the second exits at once. Answers what takes the handlers away again. */
export function onStopSignals(stop: () => void): () => void {
  let received = 0;
  const handle = (): void => {
    received += 1;
    if (received > 1) process.exit(interruptedExitCode);
    stop();
  };
  // Who is told by a signal as well, as all at a terminal are by Ctrl-C, is told once.
  const told = (message: unknown): void => {
    if (message === stopMessage && received === 0) handle();
  };
  for (const signal of signals) process.on(signal, handle);
  process.on("message", told);
  // Nobody would stop it any more.
  const left = (): void => told(stopMessage);
  process.on("disconnect", left);
  // False only where there was somebody: gone while this process began.
  if (process.connected === false) queueMicrotask(left);
  return () => {
    for (const signal of signals) process.off(signal, handle);
    process.off("message", told);
    process.off("disconnect", left);
  };
}
