import { expect, test } from "vitest";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import type { DeadLetter } from "../../../runtime/job/dead-letter.ts";
import {
  discardDeadLetters,
  packDeadLetters,
  placedDeadLetters,
} from "../../../runtime/job/dead-letter-objects.ts";

const letter = (payload: string): DeadLetter => ({
  format: 1,
  job: "job",
  slot: "in/shard",
  sequence: "1",
  element: 0,
  kind: "undecodable",
  reason: "no JSON",
  payload,
  atMs: 0,
});

test("a letter keeps its place when those before it are discarded, and the object goes with the last", async () => {
  const { objects } = memoryPorts();
  const [packed] = packDeadLetters(["a", "b", "c"].map(letter), () => "letters/0.jsonl");
  await objects.put("letters/0.jsonl", packed!.data);
  const placed = async () => {
    const found: string[] = [];
    for await (const { index, letter: one } of placedDeadLetters(objects, "letters/"))
      found.push(`${index} ${one.payload}`);
    return found;
  };
  expect(await placed()).toEqual(["0 a", "1 b", "2 c"]);
  await discardDeadLetters(objects, "letters/0.jsonl", new Set([0]));
  expect(await placed()).toEqual(["1 b", "2 c"]);
  await discardDeadLetters(objects, "letters/0.jsonl", new Set([1]));
  expect(await placed()).toEqual(["2 c"]);
  await discardDeadLetters(objects, "letters/0.jsonl", new Set([2]));
  expect(await objects.get("letters/0.jsonl")).toBeUndefined();
});
