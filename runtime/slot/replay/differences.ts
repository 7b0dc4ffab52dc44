import { unpackBlock } from "../../exchange/frame.ts";
import type { DirectWrite } from "../../graph/connectors.ts";
import { keyIdentity } from "../../serde/key-identity.ts";
import { unpackPlainValue } from "../../serde/msgpack.ts";
import type { StateDelta } from "../../state/state-delta.ts";
import type { CommitBody } from "../image/commit-body.ts";

/** What one of two commits has, or both with different values. */
export interface Difference {
  /** "state windows/sums of ada", "write to totals", "sent to windows". */
  readonly about: string;
  readonly committed: unknown;
  readonly replayed: unknown;
}

/** Where what came out of a replay is another thing than what was committed; cursors and counters are no part of it. */
export function differencesOf(committed: CommitBody, replayed: CommitBody): readonly Difference[] {
  const before = partsOf(committed);
  const after = partsOf(replayed);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((about) => {
    const [one, other] = [before.get(about), after.get(about)];
    return textOf(one) === textOf(other) ? [] : [{ about, committed: one, replayed: other }];
  });
}

/** By what they are about, the effects of a commit. */
function partsOf({ deltas, writes, blocks, deadLetters, meta }: CommitBody): Map<string, unknown> {
  const parts = new Map<string, unknown>();
  for (const delta of deltas) addState(parts, delta);
  for (const { sink, writes: made } of writes)
    for (const [, write] of made) addWrite(parts, sink, write);
  for (const block of blocks) {
    const about = `sent to ${block.stage}`;
    const { timestamps, values, changes } = unpackBlock(block);
    const sent = values.map((value, at) => ({
      timeMs: timestamps[at],
      value,
      change: changes?.[at],
    }));
    parts.set(about, [...((parts.get(about) as unknown[] | undefined) ?? []), ...sent]);
  }
  for (const { sequence, element, reason } of deadLetters)
    parts.set(`dead letter of record ${sequence}, element ${element}`, reason);
  for (const [stage, { ms }] of Object.entries(meta.watermarks))
    parts.set(`watermark of ${stage}`, ms);
  return parts;
}

function addState(parts: Map<string, unknown>, delta: StateDelta): void {
  for (let at = 0; at < delta.key.length; at++) {
    const key = delta.keys[delta.key[at] as number]!;
    const mapKey = delta.mapKey[at] ?? undefined;
    const entry = mapKey === undefined ? "" : ` entry ${String(keyIdentity(mapKey))}`;
    const about = `state ${delta.cells[delta.cell[at] as number]} of ${String(keyIdentity(key))}${entry}`;
    const committed = delta.committed[at];
    parts.set(about, committed instanceof Uint8Array ? unpackPlainValue(committed) : committed);
  }
}

function addWrite(parts: Map<string, unknown>, sink: string, write: DirectWrite): void {
  const key = "key" in write ? ` of ${textOf(write.key)}` : "";
  const about = `write to ${sink}${key}`;
  parts.set(about, [...((parts.get(about) as unknown[] | undefined) ?? []), write]);
}

/** Values have what JSON lacks. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === "bigint" || typeof one === "number") return `${typeof one} ${one}`;
    if (one instanceof Map || one instanceof Set) return [...one];
    return one instanceof Uint8Array ? [...one] : one;
  }) ?? "nothing";
