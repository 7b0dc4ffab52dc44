import { existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";
import {
  isMillraceError,
  messageOf,
  storeError,
  type MillraceError,
} from "../errors/millrace-error.ts";
import type { Random } from "../ports/environment.ts";
import { checkContent, checkPages, sealSchema } from "./check-database.ts";
import { damagedStore } from "./row-checksum.ts";
import { migrations, schema, schemaVersion } from "./sqlite-schema.ts";

const busyTimeoutMs = 10_000;
/** Pages of 4 KB that the write-ahead log holds before it is moved into the file; each move waits for the disk. */
const checkpointPages = 4_000;

/**
 * Opens `<dir>/millrace.db`, made first if it isn't there. Every process and thread opens its own: a connection is not shared.
 * With synchronous=NORMAL every commit outlives the process; a power cut may take the last ones, but never tears one.
 */
export function openDatabase(dir: string, random: Random): DatabaseSync {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "millrace.db");
  let database: DatabaseSync | undefined;
  try {
    if (!existsSync(file)) createDatabase(file, random);
    database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    const rest = prepareDatabase(database, file);
    // Threads serve the process that has opened the folder before them.
    if (rest !== undefined && isMainThread) checkMeanwhile(database, rest);
    return database;
  } catch (error) {
    database?.close();
    throw openError(error, file);
  }
}

/** What was found after a file was opened: nothing that it says is passed on any more. */
const damages = new WeakMap<DatabaseSync, MillraceError>();
const restMs = 10;

/** Reads the rest of a large file through, a slice at a time, while it is used. */
function checkMeanwhile(database: DatabaseSync, rest: Iterator<unknown>): void {
  const goOn = (): void => {
    if (!database.isOpen) return;
    try {
      if (rest.next().done !== true) later();
    } catch (thrown) {
      const error = sqliteError(thrown);
      // Somebody else's lock is no damage; the rows that are left are checked when they are read.
      if (isMillraceError(error) && error.code === "store-damaged") damages.set(database, error);
    }
  };
  const later = (): unknown => setTimeout(goOn, restMs).unref();
  later();
}

/** A file of this release's version that is as it was written, or an error. Answers what is left to check. */
function prepareDatabase(database: DatabaseSync, file: string): Iterator<unknown> | undefined {
  database.exec(`
    PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cell_size_check = ON`);
  const version = versionOf(database);
  if (version !== schemaVersion && migrations[version] === undefined) {
    throw storeError("store-version-unknown", {
      message: `"${file}" has version ${version}; this release of Millrace reads version ${schemaVersion}.`,
      next: "Use the release that wrote it, or another folder.",
    });
  }
  checkPages(database);
  migrate(database);
  return checkContent(database);
}

/** Brings older tables to this release's version; several processes may try at once. */
function migrate(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return;
  inTransaction(database, () => {
    let next = migrations[versionOf(database)];
    for (; next !== undefined; next = migrations[versionOf(database)]) database.exec(next);
    sealSchema(database);
  });
}

const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare("PRAGMA user_version").get()!["user_version"]);

/** Makes the file under another name and links it into place: nobody ever sees half of a schema, and one maker wins. */
function createDatabase(file: string, random: Random): void {
  const draft = `${file}.${random.id()}`;
  const database = new DatabaseSync(draft);
  database.exec(`PRAGMA journal_mode = WAL; BEGIN; ${schema} COMMIT`);
  sealSchema(database);
  database.close();
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
}

/** Runs a call on the database; what SQLite throws becomes a StoreError. */
export async function calling<Result>(database: DatabaseSync, call: () => Result): Promise<Result> {
  try {
    const damage = damages.get(database);
    if (damage !== undefined) throw damage;
    return call();
  } catch (error) {
    throw sqliteError(error);
  }
}

/** Runs `work` in a transaction that holds the write lock from its start, so that what it reads stays true. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

const busy = 5;
/** The file or its folder may not be written to, or it can't be opened. */
const forbidden: ReadonlySet<number> = new Set([8, 14]);
/** The file is malformed, or no database at all. */
const malformed: ReadonlySet<number> = new Set([11, 26]);

function sqliteError(error: unknown): unknown {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  if (code === "ERR_INVALID_STATE") return closedError(error);
  if (isUnreadable(error)) return damagedStore(messageOf(error), error);
  if (code !== "ERR_SQLITE_ERROR" || errcode === undefined) return error;
  // The low byte is the primary code; 1 (error), 19 (constraint), 20 (mismatch) and such would only fail again.
  const primary = errcode & 0xff;
  if (malformed.has(primary)) return damagedStore(messageOf(error), error);
  const passing = primary === busy || primary === 6 || primary === 10 || primary === 13;
  return storeError(primary === busy ? "store-busy" : "store-unavailable", {
    message: `SQLite refused a call (${primary}: ${messageOf(error)}).`,
    next: "Look for another process that holds a transaction open, and for free space on the disk.",
    retryable: passing,
    cause: error,
  });
}

/** What a row without a checksum gives where it is no number, no JSON or no segment. */
function isUnreadable(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    error instanceof SyntaxError ||
    code === "ERR_OUT_OF_RANGE" ||
    code === "ERR_BUFFER_OUT_OF_BOUNDS"
  );
}

/** While a file is opened, statements that don't fit its tables speak of the tables: they are ours. */
function openError(error: unknown, file: string): unknown {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  const known = sqliteError(error);
  if (code === "ERR_SQLITE_ERROR" && forbidden.has((errcode ?? 0) & 0xff))
    return storeError("store-unavailable", {
      message: `"${file}" can't be opened (${messageOf(error)}).`,
      next: "It is a file that this user may read and write, in a folder that this user may write to: look at both.",
      cause: error,
    });
  const isDamaged = code === "ERR_SQLITE_ERROR" && errcode === 1;
  if (isDamaged || (isMillraceError(known) && known.code === "store-damaged"))
    return damagedStore(`"${file}": ${messageOf(error)}`, error);
  return known;
}

const closedError = (cause: unknown): MillraceError =>
  storeError("store-closed", {
    message: "The ports were closed before this call.",
    next: "Open them again with durablePorts.",
    cause,
  });
