import type { DeadLetter } from "../../job/dead-letter.ts";
import { packDeadLetters, unpackDeadLetters } from "../../job/dead-letter-objects.ts";
import type { Ports } from "../../ports/index.ts";

/** So many indexes of writes share an object. */
const windowWrites = 200;

const indexOf = ({ write }: DeadLetter): number => write?.index ?? 0;

/**
 * Puts the letters of refused writes, each once however its delivery is cut: by somebody who was stopped before he could note it,
 * and by others at the same time, in calls of other sizes. Objects are named by the indexes of the writes, and not by the calls; one that is
 * there already is read, and what it lacks goes into another.
 */
export async function putRefusals(
  ports: Pick<Ports, "objects" | "random">,
  prefix: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  const windows = Map.groupBy(letters, (letter) => Math.floor(indexOf(letter) / windowWrites));
  for (const [window, some] of windows)
    await putOnce(ports, prefix, { first: window * windowWrites, letters: some });
}

interface Letters {
  /** Names their object: the first index that may be in it. */
  readonly first: number;
  readonly letters: readonly DeadLetter[];
}

async function putOnce(
  ports: Pick<Ports, "objects" | "random">,
  prefix: string,
  { first, letters }: Letters,
): Promise<void> {
  const nameOf = (part: number): string => `${prefix}-${first}-${part}.jsonl`;
  const lacking: DeadLetter[] = [];
  let at = 0;
  for (const { key, data, count } of packDeadLetters(letters, nameOf)) {
    const some = letters.slice(at, (at += count));
    if (await ports.objects.put(key, data, { ifAbsent: true })) continue;
    lacking.push(...lackingIn(await ports.objects.get(key), some));
  }
  const [next] = lacking;
  if (next === undefined) return;
  if (indexOf(next) > first)
    return await putOnce(ports, prefix, { first: indexOf(next), letters: lacking });
  // What stands under its own name lacks it: nothing is lost, whoever wrote that.
  const id = ports.random.id();
  for (const { key, data } of packDeadLetters(lacking, (part) => `${prefix}-${id}-${part}.jsonl`))
    await ports.objects.put(key, data);
}

/** Letters that an object does not hold. Of one that can't be read nothing is believed: to tell twice is better than not at all. */
function lackingIn(
  data: Uint8Array | undefined,
  letters: readonly DeadLetter[],
): readonly DeadLetter[] {
  try {
    const there = data === undefined ? [] : unpackDeadLetters(data);
    const payloads = new Map(there.map((letter) => [indexOf(letter), letter.payload]));
    return letters.filter((letter) => payloads.get(indexOf(letter)) !== letter.payload);
  } catch {
    return letters;
  }
}
