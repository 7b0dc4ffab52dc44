import { createHash, type Hash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inputError } from "../runtime/errors/millrace-error.ts";
import type { Clock } from "../runtime/ports/index.ts";

/** What a stream was fed with, so that another run goes on with the same and nothing else. */
export interface FedMemory {
  /** Documents that were passed over, or were put, in their order. @throws MillraceError `input-changed` */
  fed(documents: readonly string[]): void;
  /** The input is at its end. @throws MillraceError `input-changed` where it was longer before */
  ended(): void;
  /** Writes down how far it has come. */
  save(): void;
}

interface Saved {
  readonly documents: number;
  /** SHA-256 over them. */
  readonly hash: string;
}

export interface FedMemoryOptions {
  /** The folder of the run. */
  readonly dir: string;
  readonly stream: string;
  /** What the user calls the input. */
  readonly input: string;
  readonly clock: Clock;
}

const everyMs = 1_000;

/** Remembers an input in the run's folder, by a hash over all of it that was fed. */
export function fedMemory({ dir, stream, input, clock }: FedMemoryOptions): FedMemory {
  const file = join(dir, "inputs", `${encodeURIComponent(stream)}.json`);
  const saved = readSaved(file);
  const hash = createHash("sha256");
  let documents = 0;
  let savedMs = Number.NEGATIVE_INFINITY;
  const save = (): void => {
    if (documents <= (saved?.documents ?? 0)) return;
    savedMs = clock.nowMs();
    writeWhole(file, { documents, hash: digestOf(hash) });
  };
  return {
    fed(texts) {
      for (const text of texts) {
        hash.update(`${text.length} ${text}`);
        documents += 1;
        if (documents === saved?.documents && digestOf(hash) !== saved.hash)
          throw changed(input, saved.documents);
      }
      if (clock.nowMs() - savedMs >= everyMs) save();
    },
    ended() {
      if (saved !== undefined && documents < saved.documents) throw changed(input, saved.documents);
    },
    save,
  };
}

const digestOf = (hash: Hash): string => hash.copy().digest("hex");

function readSaved(file: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Saved;
  } catch {
    // Not there yet, or damaged: then there is nothing to compare with.
    return undefined;
  }
}

/** A process that dies leaves the one or the other. */
function writeWhole(file: string, saved: Saved): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(saved));
  renameSync(`${file}.new`, file);
}

function changed(input: string, documents: number): Error {
  return inputError("input-changed", {
    message: `${input} has changed: its first ${documents} documents are not those that were fed before, so going on behind them would lose some or count some twice.`,
    next: "Give the input as it was, with more at its end if you like; or start anew with another --dir.",
  });
}
