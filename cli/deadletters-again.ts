import { feedDocuments } from "../dev/index.ts";
import { findRun } from "../http/found-job.ts";
import { encodeRecord } from "../input/encode-record.ts";
import { discardDeadLetters } from "../runtime/job/dead-letter-objects.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import { withJob } from "./checkpoint-command.ts";
import type { DiscardGiven, ReplayGiven } from "./commands/deadletters.ts";
import { checkRefuser } from "./letter-refuser.ts";
import { lettersOf, type NamedLetter } from "./named-letters.ts";
import type { OpenStore } from "./open-store.ts";
import { readableCount } from "./readable.ts";
import { type ReplayedDocument, replayedDocument } from "./replayed-document.ts";
import { servedStore } from "./served-store.ts";
import { storeOptions } from "./store-options.ts";
import { openStreamTarget } from "./stream-target.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace deadletters discard`. Answers the exit code. */
export async function discardCommand({ values }: DiscardGiven): Promise<number> {
  checkChoice(values);
  return await withJob(storeOptions(values), async (store, job) => {
    const chosen = await chosenLetters(store, job, values);
    await discard(store, chosen);
    return {
      json: { type: "discarded", job, letters: chosen.length },
      text: [`${counted(chosen.length)} of job ${job} discarded`],
    };
  });
}

/** `millrace deadletters replay`. Answers the exit code. */
export async function replayCommand({ values }: ReplayGiven): Promise<number> {
  checkChoice(values);
  return await withJob(storeOptions(values), async (store, job) => {
    const run = await findRun(servedStore(store, job), job);
    const chosen = await chosenLetters(store, job, values);
    const sorted = chosen.map((named) => ({
      named,
      ...replayedDocument({ run, letter: named.letter, key: values.key }),
    }));
    const streams = Map.groupBy(sorted, ({ stream }) => stream);
    const left = (streams.get(undefined) ?? []).map(({ named, why = "" }) => ({
      id: named.id,
      why,
    }));
    const put: { readonly stream: string; readonly records: number }[] = [];
    for (const [stream, letters] of streams) {
      if (stream === undefined) continue;
      const refused = await putAgain(stream, letters, values);
      const taken = letters.filter((_, index) => !refused.has(index));
      // Put first: what is killed in between is put twice, and never lost.
      await discard(
        store,
        taken.map(({ named }) => named),
      );
      if (taken.length > 0) put.push({ stream, records: taken.length });
      for (const [index, why] of refused) left.push({ id: letters[index]!.named.id, why });
    }
    return {
      json: { type: "replayed", job, put, left },
      text: [
        ...put.map(({ stream, records }) => `${counted(records)} put into stream ${stream} again`),
        ...left.map(({ id, why }) => `  ${id} stays: ${why}`),
        ...(chosen.length === 0 ? ["no dead letters"] : []),
      ],
    };
  });
}

type Choice = Pick<DiscardGiven["values"], "operator" | "id" | "all">;

function checkChoice({ id, all, operator }: Choice): void {
  if (all === id.length > 0)
    throw new UsageError("it is not said which letters: --id <id>, again and again, or --all.");
  if (operator !== undefined && !all) throw new UsageError("--operator goes with --all.");
}

/** @throws UsageError where one that is named is not there */
async function chosenLetters(
  store: OpenStore,
  job: string,
  { operator, id, all }: Choice,
): Promise<readonly NamedLetter[]> {
  await checkRefuser(store, job, operator);
  const wanted = new Set(id);
  const chosen: NamedLetter[] = [];
  for await (const named of lettersOf(store, job, operator))
    if (all || wanted.delete(named.id)) chosen.push(named);
  const [missing] = wanted;
  if (missing === undefined) return chosen;
  throw new UsageError(
    `there is no dead letter "${missing}"; "millrace deadletters show" names them.`,
  );
}

async function discard({ ports }: OpenStore, letters: readonly NamedLetter[]): Promise<void> {
  for (const [key, some] of Map.groupBy(letters, (named) => named.key))
    await discardDeadLetters(ports.objects, key, new Set(some.map(({ index }) => index)));
}

/** Letters of one stream, and so of one source. Answers why it takes no record of some of them, by their places. */
async function putAgain(
  stream: string,
  letters: readonly ReplayedDocument[],
  values: ReplayGiven["values"],
): Promise<ReadonlyMap<number, string>> {
  const [{ keyField, compression } = {}] = letters;
  const refused = new Map<number, string>();
  const target = await openStreamTarget(stream, values);
  try {
    await feedDocuments({
      stream,
      writer: target.writer,
      clock: systemClock,
      items: itemsOf(letters.map(({ text = "" }) => text)),
      encode: encodeRecord(compression),
      ...(keyField !== undefined && { keyField }),
      onRefused: async ({ item, reason }) => void refused.set(item.line, reason),
      taken: async () => 0,
      aheadMax: Number.POSITIVE_INFINITY,
      isStopped: () => false,
    });
    return refused;
  } finally {
    target.close();
  }
}

async function* itemsOf(texts: readonly string[]) {
  yield texts.map((text, line) => ({ kind: "document" as const, text, file: "", line }));
}

const counted = (letters: number): string =>
  `${readableCount(letters)} dead ${letters === 1 ? "letter" : "letters"}`;
