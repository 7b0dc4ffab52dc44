import { feedDocuments } from "../dev/index.ts";
import { findRun } from "../http/found-job.ts";
import { readsStream } from "../runtime/connectors/sources.ts";
import { discardDeadLetters } from "../runtime/job/dead-letter-objects.ts";
import type { DeadLetter } from "../runtime/job/dead-letter.ts";
import { ownerOfSlot } from "../runtime/job/slot-ref.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { withJob } from "./checkpoint-command.ts";
import type { DiscardGiven, ReplayGiven } from "./commands/deadletters.ts";
import { lettersOf, type NamedLetter } from "./deadletters-command.ts";
import type { OpenStore } from "./open-store.ts";
import { readableCount } from "./readable.ts";
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
    const { plan } = await findRun(servedStore(store, job), job);
    const chosen = await chosenLetters(store, job, values);
    const sorted = chosen.map((named) => ({
      named,
      ...documentOf({ plan, letter: named.letter, key: values.key }),
    }));
    const streams = Map.groupBy(sorted, ({ stream }) => stream);
    const put: { readonly stream: string; readonly records: number }[] = [];
    for (const [stream, letters] of streams) {
      if (stream === undefined) continue;
      await putAgain(stream, letters, values);
      // Put first: what is killed in between is put twice, and never lost.
      await discard(
        store,
        letters.map(({ named }) => named),
      );
      put.push({ stream, records: letters.length });
    }
    const left = (streams.get(undefined) ?? []).map(({ named, why = "" }) => ({
      id: named.id,
      why,
    }));
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

interface FoundDocument {
  readonly stream?: string;
  readonly text?: string;
  /** The field that is its partition key; absent where any will do. */
  readonly keyField?: string;
  /** It can't be put again. */
  readonly why?: string;
}

const inputSlot = "input/";

interface Letter {
  readonly plan: Plan;
  readonly letter: DeadLetter;
  /** The field that was named. */
  readonly key: string | undefined;
}

/** What came out of a stream, as far as the letter has kept it. */
function documentOf({ plan, letter, key }: Letter): FoundDocument {
  const { slot, kind, document, payload, cut = [], encoding } = letter;
  if (slot.startsWith(inputSlot)) return { why: "it never was in a stream, and is no record" };
  const source = plan.sources.find(({ uid }) => uid === ownerOfSlot(slot));
  if (source === undefined) return { why: "it came over the exchange, without its document" };
  if (!readsStream(source)) return { why: `source ${source.uid} reads no stream` };
  if (kind === "write-refused") return { why: "it is a result, which a store refused" };
  // A document that is the payload itself is kept once; a timer has none.
  const text = document ?? payload;
  if (text === "") return { why: "its document was not kept" };
  if (cut.includes(document === undefined ? "payload" : "document"))
    return { why: "only the beginning of its document was kept" };
  if (encoding !== undefined) return { why: "its document is no text" };
  const keyField = key ?? source.partitionField;
  // The slots of such a source keep state by key: in another shard it would be another key's.
  if (source.partitionedBy && keyField === undefined)
    return {
      why: `source ${source.uid} is partitioned by a function: say with --key which field its records' partition keys are`,
    };
  return { stream: source.stream, text, ...(keyField !== undefined && { keyField }) };
}

/** Letters of one stream, and so of one source. */
async function putAgain(
  stream: string,
  letters: readonly FoundDocument[],
  values: ReplayGiven["values"],
): Promise<void> {
  const [{ keyField } = {}] = letters;
  const target = await openStreamTarget(stream, values);
  try {
    await feedDocuments({
      stream,
      writer: target.writer,
      clock: systemClock,
      items: itemsOf(letters.map(({ text = "" }) => text)),
      ...(keyField !== undefined && { keyField }),
      taken: async () => 0,
      aheadMax: Number.POSITIVE_INFINITY,
      isStopped: () => false,
    });
  } finally {
    target.close();
  }
}

async function* itemsOf(texts: readonly string[]) {
  yield texts.map((text) => ({ kind: "document" as const, text, file: "", line: 0 }));
}

const counted = (letters: number): string =>
  `${readableCount(letters)} dead ${letters === 1 ? "letter" : "letters"}`;
