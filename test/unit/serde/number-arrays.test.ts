import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { copyValue } from "../../../runtime/serde/copy-value.ts";
import { packMessage, packPlain } from "../../../runtime/serde/msgpack.ts";

setFlagsFromString("--allow-natives-syntax");
const holdsDoubles = runInThisContext("(array) => %HasDoubleElements(array)") as (
  array: readonly number[],
) => boolean;

/** V8 compiles what meets arrays of many kinds so that it makes one kind of them, in place: each number becomes an object of its own. */
test("an array of numbers stays one when it is copied and written among arrays of other kinds", () => {
  const boxed = { copied: 0, copy: 0, packed: 0 };
  for (let round = 0; round < 3_000; round++) {
    for (const other of [
      [{ at: round }, { at: 0 }],
      ["a", 1, 2.5],
      [1, 2, 3],
    ])
      packPlain(copyValue(other, "It"), "It");
    const numbers = Array.from({ length: 100 }, (_, at) => at + 0.5);
    const copy = copyValue(numbers, "It");
    if (!holdsDoubles(numbers)) boxed.copied += 1;
    if (!holdsDoubles(copy)) boxed.copy += 1;
    packPlain(numbers, "It");
    packMessage(numbers, "It");
    if (!holdsDoubles(numbers)) boxed.packed += 1;
  }
  expect(boxed).toEqual({ copied: 0, copy: 0, packed: 0 });
});
