import { expect, test } from "vitest";
import { itemBytes, numberBytes } from "../../../runtime/connectors/dynamodb-limits.ts";
import { utf8Bytes } from "../../../runtime/connectors/json-bytes.ts";

test.each([
  [0, 1],
  [7, 2],
  [-7, 3],
  [10, 2],
  [99, 2],
  [100, 2],
  [123, 3],
  [1_234, 3],
  [1_000_000, 2],
  [0.5, 2],
  [0.05, 2],
  [1.5, 3],
  [15.5, 3],
  [-1.25, 4],
  [1e125, 2],
  [1 / 3, 9],
  [Number.MAX_SAFE_INTEGER, 9],
])(
  "the number %d takes %i bytes: a byte for each two digits, one for all, one for a minus",
  (number, bytes) => {
    expect(numberBytes(number)).toBe(bytes);
  },
);

test.each([
  [{ ab: "cd" }, 4],
  [{ é: "€😀" }, 2 + 3 + 4],
  [{ a: null, b: true }, 4],
  [{ list: [] }, 4 + 3],
  [{ list: [7, "x"] }, 4 + 3 + (1 + 2) + (1 + 1)],
  [{ map: { k: "v" } }, 3 + 3 + (1 + 1 + 1)],
  [{ gone: undefined }, 0],
])("the item %j takes %i bytes", (item, bytes) => {
  expect(itemBytes(item)).toBe(bytes);
});

test("a text has the bytes of its UTF-8, or none where a surrogate stands alone", () => {
  for (const text of ["", "a", "\u0080", "\u07ff\u0800", "\uffff", "😀a😀"])
    expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).byteLength);
  for (const text of ["\ud800", "a\udc00", "\ud83da", "\ude00\ud83d", "😀\ud800"])
    expect(utf8Bytes(text)).toBeUndefined();
});
