import { storeError } from "../../errors/millrace-error.ts";
import type { CommitLog } from "../../ports/index.ts";

/** A log as it was when a version was its head; nothing can be appended. */
export const logUpTo = (log: CommitLog, version: number): CommitLog => ({
  append: async () => {
    throw storeError("log-read-only", {
      message: "What is replayed was to be committed.",
      next: "Report this: a replay writes nothing.",
    });
  },
  read: async (name, { first, last }) =>
    first > version ? [] : await log.read(name, { first, last: Math.min(last, version) }),
  readAll: async (name) => (await log.readAll(name)).filter((row) => row.version <= version),
});
