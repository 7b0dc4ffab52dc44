import { link, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { storeError, messageOf } from "../errors/millrace-error.ts";
import type { Random } from "../ports/environment.ts";
import type { ByteRange, ObjectStore } from "../ports/object-store.ts";
import { type FileNames, keyPartOf, pathOfKey } from "./object-path.ts";

export interface FolderObjectStoreOptions {
  /** Where the blobs are. */
  readonly dir: string;
  /** Where they are written before they are moved; on the same file system. Leftovers of a crash may be deleted. */
  readonly draftDir: string;
  /** Names the drafts. */
  readonly random: Random;
  /**
   * "marked": any keys may stand side by side. "plain": names of files are the last parts of their keys, for those who look at the
   * folder; no key may go on behind another one and a slash. Default: "marked".
   */
  readonly names?: FileNames;
}

/** Blobs as files of a folder. A blob appears as a whole or not at all. */
export function folderObjectStore(options: FolderObjectStoreOptions): ObjectStore {
  const { dir, draftDir, random, names = "marked" } = options;
  return {
    put: (key, data, { ifAbsent = false } = {}) =>
      calling(`put "${key}"`, async () => {
        const { folders, file } = pathOfKey(key, names);
        const draft = join(draftDir, random.id());
        const target = join(dir, ...folders, file);
        await inFolder(draftDir, () => writeFile(draft, data));
        try {
          await inFolder(join(dir, ...folders), () =>
            ifAbsent ? link(draft, target) : rename(draft, target),
          );
          return true;
        } catch (error) {
          // A link fails where the name exists already: one of several writers wins.
          if (ifAbsent && codeOf(error) === "EEXIST") return false;
          throw error;
        } finally {
          if (ifAbsent) await rm(draft, { force: true });
        }
      }),

    get: (key, range) =>
      calling(`get "${key}"`, () => {
        const { folders, file } = pathOfKey(key, names);
        const path = join(dir, ...folders, file);
        return absentAs(undefined, range === undefined ? readFile(path) : readPart(path, range));
      }),

    list: (prefix) => listKeys(dir, prefix, names),

    async delete(keys) {
      for (const key of keys)
        await calling(`delete "${key}"`, () => {
          const { folders, file } = pathOfKey(key, names);
          return rm(join(dir, ...folders, file), { force: true });
        });
    },
  };
}

async function readPart(path: string, { from, maxBytes }: ByteRange): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const data = new Uint8Array(Math.max(0, Math.min(maxBytes, size - from)));
    const { bytesRead } = await file.read(data, 0, data.length, from);
    return data.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Makes the folder only once it turns out to be missing. */
async function inFolder(folder: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await mkdir(folder, { recursive: true });
    await write();
  }
}

async function* listKeys(dir: string, prefix: string, names: FileNames): AsyncGenerator<string> {
  const { folders } = pathOfKey(prefix, names);
  const base = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  yield* keysWithin({ path: join(dir, ...folders), base, prefix, names });
}

interface Within {
  readonly path: string;
  /** The part of the key that leads to this folder. */
  readonly base: string;
  readonly prefix: string;
  readonly names: FileNames;
}

/** Depth first. A folder sorts as its name and a slash, as the keys within it do. */
async function* keysWithin({ path, base, prefix, names }: Within): AsyncGenerator<string> {
  const found = await calling(`list "${prefix}"`, () =>
    absentAs([], readdir(path, { withFileTypes: true })),
  );
  const entries = found.map((entry) => {
    const isFolder = entry.isDirectory();
    return { name: entry.name, isFolder, key: base + keyPartOf(entry.name, { isFolder, names }) };
  });
  for (const { name, isFolder, key } of entries.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!key.startsWith(prefix)) continue;
    if (!isFolder) yield key;
    else yield* keysWithin({ path: join(path, name), base: key, prefix, names });
  }
}

async function absentAs<Found, Absent>(
  absent: Absent,
  found: Promise<Found>,
): Promise<Found | Absent> {
  try {
    return await found;
  } catch (error) {
    // Nor is there anything under a name that is too long for a file.
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENAMETOOLONG") return absent;
    throw error;
  }
}

async function calling<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw storeError("store-unavailable", {
      message: `The folder of objects failed to ${what}: ${messageOf(error)}.`,
      next: "Check the folder's permissions and the free space on the disk.",
      retryable: true,
      cause: error,
    });
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
