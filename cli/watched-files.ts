import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { stateOfFile } from "../bundle/index.ts";
import { systemClock } from "../runtime/node/system-environment.ts";

/** Files of which one may change. */
export interface WatchedFiles {
  readonly files: () => readonly string[];
  /** Looks at these from now on. */
  set(files: readonly string[]): void;
  /** Resolves once one of them is another than when they were set. */
  changed(): Promise<void>;
  close(): void;
}

/** An editor writes a file in several steps. */
const settleMs = 100;

/** Folders are watched, not files: who saves a file may put another in its place. */
export function watchedFiles(): WatchedFiles {
  let watchers: readonly FSWatcher[] = [];
  let files: readonly string[] = [];
  let before = "";
  let wake = (): void => {};
  const close = (): void => watchers.forEach((each) => each.close());
  return {
    files: () => files,
    set(next) {
      close();
      files = next;
      before = stateOf(files);
      const folders = new Set(files.map((file) => dirname(file)));
      watchers = [...folders].map((folder) => watch(folder, () => wake()));
    },
    async changed() {
      for (;;) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        if (stateOf(files) !== before) {
          await systemClock.sleep(settleMs);
          return;
        }
        await woken;
      }
    },
    close,
  };
}

const stateOf = (files: readonly string[]): string =>
  files.map((file) => stateOfFile(file) ?? "").join();
