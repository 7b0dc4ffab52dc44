import { refuserNamed } from "../http/letters/letter-refuser.ts";
import { lettersOf, type NamedLetter } from "../http/letters/named-letters.ts";
import type { DeadLetter } from "../runtime/job/dead-letter.ts";
import { refuserOf } from "../runtime/job/dead-letter-objects.ts";
import type { Answer } from "./answer.ts";
import { withJob } from "./checkpoint-command.ts";
import { lettersShownToPeople, type ListGiven, type ShowGiven } from "./commands/deadletters.ts";
import { limitOf, moreLines } from "./limit.ts";
import type { OpenStore } from "./open-store.ts";
import { readableCount } from "./readable.ts";
import { servedStore } from "./served-store.ts";
import { storeOptions } from "./store-options.ts";
import { tableLines } from "./table-lines.ts";

/** `millrace deadletters list`. Answers the exit code. */
export async function listCommand({ values }: ListGiven): Promise<number> {
  return await withJob(storeOptions(values), async (store, job) =>
    listAnswer(await checkedLetters(store, job, values.operator)),
  );
}

/** `millrace deadletters show`. Answers the exit code. */
export async function showCommand({ values }: ShowGiven): Promise<number> {
  const limit = limitOf(values, lettersShownToPeople);
  return await withJob(storeOptions(values), async (store, job) =>
    showAnswer(await checkedLetters(store, job, values.operator), limit),
  );
}

async function checkedLetters(store: OpenStore, job: string, operator: string | undefined) {
  return lettersOf(store, job, await refuserNamed(servedStore(store, job), job, operator));
}

interface Group {
  readonly operator: string;
  readonly kind: DeadLetter["kind"];
  readonly reason: string;
  count: number;
}

/** One line for each operator and reason: a shard of garbage is one trouble, not a million. */
async function listAnswer(letters: AsyncIterable<NamedLetter>): Promise<Answer> {
  const groups = new Map<string, Group>();
  for await (const { letter } of letters) {
    const { kind, reason } = letter;
    const operator = refuserOf(letter);
    const key = JSON.stringify([operator, kind, reason]);
    const group = groups.get(key) ?? { operator, kind, reason, count: 0 };
    group.count += 1;
    if (groups.has(key) || groups.size < groupsMax) groups.set(key, group);
  }
  const found = [...groups.values()].toSorted((one, other) => other.count - one.count);
  const cells = found.map(({ operator, kind, reason, count }) => [
    readableCount(count),
    operator,
    kind,
    firstLine(reason),
  ]);
  return {
    json: found.map((group) => ({ type: "deadLetters", ...group })),
    text:
      found.length === 0
        ? ["no dead letters"]
        : tableLines(["letters", "operator", "kind", "reason"], cells, ["letters"]),
  };
}

/** Reasons that hold something of each record would be without end. */
const groupsMax = 1_000;

async function showAnswer(letters: AsyncIterable<NamedLetter>, limit: number): Promise<Answer> {
  const shown: NamedLetter[] = [];
  let count = 0;
  for await (const letter of letters) if (++count <= limit) shown.push(letter);
  const more = count - shown.length;
  return {
    json: shown.map(({ id, letter }) => ({ id, ...letter })),
    text: [
      ...shown.flatMap(letterLines),
      ...moreLines(more),
      ...(count === 0 ? ["no dead letters"] : []),
    ],
  };
}

function letterLines({ id, letter }: NamedLetter): readonly string[] {
  const { slot, sequence, element, reason, kind, payload, document, key, atMs } = letter;
  const about = [
    ["id", id],
    ["operator", placed(letter.title, letter.definedAt)],
    ["thrown", placed(letter.error, letter.thrownAt)],
    ["place", `${slot}, record ${sequence}, element ${element}`],
    ["key", key === undefined ? undefined : JSON.stringify(key)],
    ["payload", payload === "" ? undefined : payload],
    ["document", document],
  ] as const;
  return [
    `${new Date(atMs).toISOString()}  ${refuserOf(letter)}  ${kind}: ${reason}`,
    ...about.flatMap(([name, text]) =>
      text === undefined ? [] : [`  ${name}: ${shortened(text)}`],
    ),
  ];
}

/** What it is, and where in the user's code that stands. */
const placed = (what: string | undefined, at: string | undefined): string | undefined =>
  what === undefined || at === undefined ? what : `${what} at ${at}`;

const shownMax = 500;
const shortened = (text: string): string =>
  text.length > shownMax ? `${text.slice(0, shownMax)}… (${text.length} characters)` : text;
const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";
