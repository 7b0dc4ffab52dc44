import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import { discardDeadLetters } from "../../runtime/job/dead-letter-objects.ts";
import { findRun } from "../found-job.ts";
import type { ServedStore } from "../served-store.ts";
import type { NamedLetter } from "./named-letters.ts";
import { type ReplayedDocument, replayedDocument } from "./replayed-document.ts";

/** What became of some letters. */
export interface Replayed {
  /** By stream, records that were put into it. */
  readonly put: ReadonlyMap<string, number>;
  /** Letters that stay, and why. */
  readonly left: readonly { readonly id: string; readonly why: string }[];
}

export interface LettersToReplay {
  readonly letters: AsyncIterable<NamedLetter> | Iterable<NamedLetter>;
  /** The field of the documents that is their partition key. Default: what their source says. */
  readonly key: string | undefined;
}

/** At a time, so that no number of letters fills the memory. */
const batchMax = 200;

/**
 * Puts the documents of letters into their streams again, and discards what was put. What is refused anew while this goes on is not taken again.
 * @throws MillraceError `job-unknown`, `plan-unknown`, `writes-not-allowed`
 */
export async function replayLetters(
  store: ServedStore,
  job: string,
  { letters, key }: LettersToReplay,
): Promise<Replayed> {
  const run = await findRun(store, job);
  const startMs = store.ports.clock.nowMs();
  const put = new Map<string, number>();
  const left: { id: string; why: string }[] = [];
  let batch: Sorted[] = [];
  const replay = async (): Promise<void> => {
    for (const [stream, some] of Map.groupBy(batch, (one) => one.stream)) {
      const refused = await putSome(store, stream, some);
      const taken = some.filter((_, index) => !refused.has(index));
      // Put first: what is killed in between is put twice, and never lost.
      await discardLetters(
        store,
        taken.map(({ named }) => named),
      );
      if (taken.length > 0) put.set(stream, (put.get(stream) ?? 0) + taken.length);
      for (const [index, why] of refused) left.push({ id: some[index]!.named.id, why });
    }
    batch = [];
  };
  for await (const named of letters) {
    const { letter, id } = named;
    if (letter.atMs > startMs) continue;
    const { stream, why = "", ...document } = replayedDocument({ run, letter, key });
    if (stream === undefined) left.push({ id, why });
    else batch.push({ named, stream, ...document });
    if (batch.length === batchMax) await replay();
  }
  await replay();
  return { put, left };
}

interface Sorted extends Omit<ReplayedDocument, "stream" | "why"> {
  readonly named: NamedLetter;
  readonly stream: string;
}

/** Letters of one stream, and so of one source. Answers why it takes no record of some of them, by their places. */
async function putSome(
  { putAgain }: ServedStore,
  stream: string,
  letters: readonly Sorted[],
): Promise<ReadonlyMap<number, string>> {
  if (putAgain === undefined)
    throw deploymentError("writes-not-allowed", {
      message: "Nothing can be put into the streams of the job from here.",
      next: "Use millrace deadletters replay.",
    });
  const [{ keyField, compression } = {}] = letters;
  return await putAgain(stream, {
    documents: letters.map(({ text = "" }) => text),
    ...(keyField !== undefined && { keyField }),
    ...(compression !== undefined && { compression }),
  });
}

/** Removes letters for good; the others of their objects keep their names. */
export async function discardLetters(
  { ports }: Pick<ServedStore, "ports">,
  letters: Iterable<NamedLetter>,
): Promise<void> {
  for (const [key, some] of Map.groupBy(letters, (named) => named.key))
    await discardDeadLetters(ports.objects, key, new Set(some.map(({ index }) => index)));
}
