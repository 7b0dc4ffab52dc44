import type { PlayAnswer, PlayRequest } from "../../playground/messages.ts";

/** Who is told how a run goes. */
export interface RunListener {
  answered(answer: PlayAnswer): void;
}

export interface Engine {
  /** Plays a request; a run that is under way is given up. */
  play(request: PlayRequest, listener: RunListener): void;
}

/** A job that says nothing for so long loops, and is given up. */
const silenceMaxMs = 10_000;

/** The engine in a worker of its own. It is started with the first run, and anew after one that was given up. */
export function engineOf(worker: URL): Engine {
  let running: Worker | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const giveUp = (): void => {
    clearTimeout(watchdog);
    running?.terminate();
    running = undefined;
  };
  return {
    play(request, listener) {
      giveUp();
      const started = new Worker(worker, { type: "module" });
      running = started;
      const fail = (message: string): void => {
        giveUp();
        listener.answered({ kind: "failed", message });
      };
      const watch = (): void => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => {
          fail(`The job has not answered for ${silenceMaxMs / 1_000} seconds, and was stopped.`);
        }, silenceMaxMs);
      };
      started.addEventListener("message", ({ data }: MessageEvent<PlayAnswer>) => {
        watch();
        listener.answered(data);
        if (data.kind === "done" || data.kind === "failed") giveUp();
      });
      started.addEventListener("error", ({ message }) => {
        fail(`The engine could not be started: ${message || "its worker did not load"}.`);
      });
      watch();
      started.postMessage(request);
    },
  };
}
