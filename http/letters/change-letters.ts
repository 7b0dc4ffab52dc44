import type * as z from "zod/mini";
import { inputError } from "../../runtime/errors/millrace-error.ts";
import { checkWrites } from "../check-writes.ts";
import { findGeneration } from "../found-job.ts";
import type {
  lettersToDiscard,
  lettersToReplay,
  letterToReplay,
  ReplayedView,
} from "../schemas/dead-letters.ts";
import type { ServedStore } from "../served-store.ts";
import { findLetter } from "./dead-letters-view.ts";
import { refuserNamed } from "./letter-refuser.ts";
import { lettersOf, type NamedLetter } from "./named-letters.ts";
import { discardLetters, type Replayed, replayLetters } from "./replay-letters.ts";

/** Of more letters that stay their number is told. */
const leftMax = 100;
const discardedAtOnce = 500;

/** @throws MillraceError `letter-unknown`, `operator-unknown`, `request-invalid`, `writes-not-allowed` */
export async function replayChosen(
  store: ServedStore,
  job: string,
  { key, ...choice }: z.infer<typeof lettersToReplay>,
): Promise<ReplayedView> {
  checkWrites(store);
  const letters = await chosenLetters(store, job, choice);
  return viewOf(await replayLetters(store, job, { letters, key }));
}

/** Replays one letter, with another document where one is given: what was wrong with it may have been mended. */
export async function replayOne(
  store: ServedStore,
  place: { readonly job: string; readonly id: string },
  { document, key }: z.infer<typeof letterToReplay>,
): Promise<ReplayedView> {
  checkWrites(store);
  const named = await findLetter(store, place.job, place.id);
  const letters = [document === undefined ? named : withDocument(named, document)];
  return viewOf(await replayLetters(store, place.job, { letters, key }));
}

/** It is whole, and a text, whatever was kept of the other one. */
function withDocument(named: NamedLetter, document: string): NamedLetter {
  const { cut: _, encoding: _encoding, ...letter } = named.letter;
  return { ...named, letter: { ...letter, document } };
}

export async function discardChosen(
  store: ServedStore,
  job: string,
  choice: z.infer<typeof lettersToDiscard>,
): Promise<{ readonly letters: number }> {
  checkWrites(store);
  let letters = 0;
  let some: NamedLetter[] = [];
  const discard = async (): Promise<void> => {
    await discardLetters(store, some);
    letters += some.length;
    some = [];
  };
  for await (const named of await chosenLetters(store, job, choice)) {
    some.push(named);
    if (some.length === discardedAtOnce) await discard();
  }
  await discard();
  return { letters };
}

async function chosenLetters(
  store: ServedStore,
  job: string,
  { ids, all, operator }: z.infer<typeof lettersToDiscard>,
): Promise<AsyncIterable<NamedLetter> | readonly NamedLetter[]> {
  await findGeneration(store, job);
  if ((ids === undefined) === (all === undefined))
    throw choiceInvalid("It is not said which letters");
  if (ids === undefined) return lettersOf(store, job, await refuserNamed(store, job, operator));
  if (operator !== undefined) throw choiceInvalid("operator goes with all");
  const letters: NamedLetter[] = [];
  for (const id of new Set(ids)) letters.push(await findLetter(store, job, id));
  return letters;
}

const choiceInvalid = (message: string): Error =>
  inputError("request-invalid", {
    message: `${message}.`,
    next: 'Give {"ids": [...]}, {"all": true} or {"all": true, "operator": ...}.',
  });

function viewOf({ put, left }: Replayed): ReplayedView {
  return {
    put: [...put].map(([stream, records]) => ({ stream, records })),
    left: left.slice(0, leftMax),
    leftInAll: left.length,
  };
}
