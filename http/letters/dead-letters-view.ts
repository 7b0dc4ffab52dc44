import { inputError } from "../../runtime/errors/millrace-error.ts";
import type { DeadLetter } from "../../runtime/job/dead-letter.ts";
import { letterId, lettersByLine, refuserOf } from "../../runtime/job/dead-letter-objects.ts";
import { objectPrefixes } from "../../runtime/layout/names.ts";
import { findGeneration } from "../found-job.ts";
import type { NamedLetter } from "./named-letters.ts";
import { refuserNamed } from "./letter-refuser.ts";
import type { DeadLettersView, DeadLetterView } from "../schemas/dead-letters.ts";
import type { ServedStore } from "../served-store.ts";

interface AskedLetters {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly operator?: string | undefined;
}

/** Objects that are read for one page: who filters goes on with `next`. */
const objectsMax = 200;
/** Texts of a letter in a list. */
const textMax = 500;

/**
 * Dead letters of the newest generation, in the order of their objects' names: slot by slot, the older commits first.
 * @throws MillraceError `operator-unknown`
 */
export async function deadLettersView(
  store: ServedStore,
  job: string,
  { limit, cursor, operator }: AskedLetters,
): Promise<DeadLettersView> {
  const refuser = await refuserNamed(store, job, operator);
  const prefix = await prefixOf(store, job);
  const [fromPlace = "", fromLine = -1] = cursor === undefined ? [] : partsOf(cursor);
  const letters: DeadLetterView[] = [];
  let read = 0;
  for await (const key of store.ports.objects.list(prefix)) {
    const place = key.slice(prefix.length);
    if (place < fromPlace) continue;
    if (read === objectsMax) return { letters, next: letterId(place, -1) };
    read += 1;
    const data = await store.ports.objects.get(key);
    for (const [line, letter] of lettersByLine(data ?? new Uint8Array()).entries()) {
      if (letter === undefined || (place === fromPlace && line <= fromLine)) continue;
      if (refuser !== undefined && refuserOf(letter) !== refuser) continue;
      if (letters.length === limit) return { letters, next: letters.at(-1)!.id };
      letters.push(shortened(letterView(letterId(place, line), letter)));
    }
  }
  return { letters };
}

/** One letter as a whole. @throws MillraceError `letter-unknown` */
export async function deadLetterView(
  store: ServedStore,
  job: string,
  id: string,
): Promise<DeadLetterView> {
  return letterView(id, (await findLetter(store, job, id)).letter);
}

/** @throws MillraceError `letter-unknown` */
export async function findLetter(
  store: ServedStore,
  job: string,
  id: string,
): Promise<NamedLetter> {
  const prefix = await prefixOf(store, job);
  const [place, index] = partsOf(id);
  const key = `${prefix}${place}`;
  const data = await store.ports.objects.get(key);
  const letter = data && lettersByLine(data)[index];
  if (letter !== undefined) return { id, key, index, letter };
  throw inputError("letter-unknown", {
    message: `Job "${job}" has no dead letter "${id.slice(0, 200)}".`,
    next: "GET /jobs/<job>/deadletters lists them; those of an older generation are in its objects only.",
  });
}

async function prefixOf(store: ServedStore, job: string): Promise<string> {
  const { generation = 1 } = (await findGeneration(store, job)) ?? {};
  return objectPrefixes.deadLetters({ job, generation });
}

/** @throws MillraceError `letter-unknown` for what is no id: it is part of an object's name */
function partsOf(id: string): readonly [place: string, line: number] {
  const [, place = "", line = ""] = /^(.+):(-1|\d{1,7})$/s.exec(id) ?? [];
  // No part of a name leads to another folder.
  const isPlace = place.split("/").every((part) => !/^\.*$/.test(part));
  if (isPlace) return [place, Number(line)];
  throw inputError("letter-unknown", {
    message: `"${id.slice(0, 200)}" is the id of no dead letter.`,
    next: "GET /jobs/<job>/deadletters lists them.",
  });
}

function letterView(id: string, letter: DeadLetter): DeadLetterView {
  const { format: _, job: _job, cut, window, write, sentBy, ...rest } = letter;
  return {
    id,
    ...rest,
    ...(cut && { cut: [...cut] }),
    ...(window && { window: { startMs: window.startMs, endMs: window.endMs } }),
    ...(write && { write }),
    ...(sentBy && { sentBy }),
  };
}

function shortened(letter: DeadLetterView): DeadLetterView {
  const long = (["payload", "document", "input", "reason"] as const).filter(
    (field) => (letter[field]?.length ?? 0) > textMax,
  );
  if (long.length === 0) return letter;
  const texts = long.map((field) => [field, letter[field]!.slice(0, textMax)] as const);
  return {
    ...letter,
    ...Object.fromEntries(texts),
    cut: [...new Set([...(letter.cut ?? []), ...long])],
  };
}
