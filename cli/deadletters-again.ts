import { refuserNamed } from "../http/letters/letter-refuser.ts";
import { lettersOf, type NamedLetter } from "../http/letters/named-letters.ts";
import { discardLetters, replayLetters } from "../http/letters/replay-letters.ts";
import { withJob } from "./checkpoint-command.ts";
import type { DiscardGiven, ReplayGiven } from "./commands/deadletters.ts";
import type { OpenStore } from "./open-store.ts";
import { putAgainTo } from "./put-again-to.ts";
import { readableCount } from "./readable.ts";
import { servedStore } from "./served-store.ts";
import { storeOptions } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace deadletters discard`. Answers the exit code. */
export async function discardCommand({ values }: DiscardGiven): Promise<number> {
  checkChoice(values);
  return await withJob(storeOptions(values), async (store, job) => {
    const chosen = await chosenLetters(store, job, values);
    await discardLetters(store, chosen);
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
    const chosen = await chosenLetters(store, job, values);
    const served = {
      ...servedStore(store, job),
      putAgain: putAgainTo(values),
    };
    const { put, left } = await replayLetters(served, job, { letters: chosen, key: values.key });
    const puts = [...put].map(([stream, records]) => ({ stream, records }));
    return {
      json: { type: "replayed", job, put: puts, left },
      text: [
        ...puts.map(({ stream, records }) => `${counted(records)} put into stream ${stream} again`),
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
  const refuser = await refuserNamed(servedStore(store, job), job, operator);
  const wanted = new Set(id);
  const chosen: NamedLetter[] = [];
  for await (const named of lettersOf(store, job, refuser))
    if (all || wanted.delete(named.id)) chosen.push(named);
  const [missing] = wanted;
  if (missing === undefined) return chosen;
  throw new UsageError(
    `there is no dead letter "${missing}"; "millrace deadletters show" names them.`,
  );
}

const counted = (letters: number): string =>
  `${readableCount(letters)} dead ${letters === 1 ? "letter" : "letters"}`;
