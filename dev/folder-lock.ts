import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deploymentError } from "../runtime/errors/millrace-error.ts";

export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for this process, until it is released or the process is over, however that ends: the lock is one of the file system's, and
 * goes with its holder. Of two that run a job in one folder each would feed its inputs.
 * @throws MillraceError `folder-in-use` where another process has it
 */
export function lockFolder(dir: string): FolderLock {
  mkdirSync(dir, { recursive: true });
  const holder = join(dir, "lock.pid");
  const database = new DatabaseSync(join(dir, "lock.db"), { timeout: 0 });
  try {
    // An exclusive transaction holds the file's lock for as long as it is open.
    database.exec("BEGIN EXCLUSIVE");
    writeFileSync(holder, String(process.pid));
  } catch (thrown) {
    database.close();
    if ((thrown as { readonly errcode?: unknown }).errcode !== busy) throw thrown;
    throw inUse(dir, pidIn(holder));
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** SQLITE_BUSY */
const busy = 5;

function pidIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Its holder is about to write it.
    return undefined;
  }
}

function inUse(dir: string, pid: string | undefined): Error {
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return deploymentError("folder-in-use", {
    message: `A job runs in the folder ${dir} already, by ${holder}: two would feed their inputs twice.`,
    next: `Wait for it, stop it with Ctrl-C${pid === undefined ? "" : ` or "kill ${pid}"`}, or give another --dir.`,
  });
}
