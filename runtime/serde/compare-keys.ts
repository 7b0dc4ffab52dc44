import type { KeyValue } from "../graph/key-value.ts";
import { keyBytes } from "./key-bytes.ts";

const ranks: Readonly<Record<string, number>> = { boolean: 0, number: 1, bigint: 2, string: 3 };
const compositeRank = 4;

/**
 * One order of all keys, which depends on nothing but them: booleans, numbers, bigints, texts by their UTF-16 units, and then
 * tuples and records by their canonical bytes.
 */
export function compareKeys(left: KeyValue, right: KeyValue): number {
  const leftRank = ranks[typeof left] ?? compositeRank;
  const rightRank = ranks[typeof right] ?? compositeRank;
  if (leftRank !== rightRank) return leftRank - rightRank;
  if (leftRank === compositeRank) return compareBytes(keyBytes(left), keyBytes(right));
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const difference = (left[at] as number) - (right[at] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
