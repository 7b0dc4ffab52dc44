import { describe, expect, test } from "vitest";
import { decodeAppended, encodeAppended } from "../../../runtime/connectors/record-id.ts";

const id = { slot: "job/x-0", generation: 1, version: 7, index: 0 };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("an appended record", () => {
  test("is JSON in a fixed form, since others read it", () => {
    expect(text(encodeAppended(id, { price: 1, name: "é" }))).toBe(
      '{"millrace":{"slot":"job/x-0","generation":1,"version":7,"index":0},"value":{"price":1,"name":"é"}}',
    );
  });

  test.each([[{ a: [1, null] }], ["text"], [0], [null], [false]])(
    "with the value %j comes back as it was",
    (value) => {
      expect(decodeAppended(JSON.parse(text(encodeAppended(id, value))))).toEqual({ id, value });
    },
  );

  test("carries nothing of an id but its four fields", () => {
    const marked = { ...id, secret: 1 };
    expect(text(encodeAppended(marked, 1))).not.toContain("secret");
  });

  test.each([
    [null],
    [1],
    ["text"],
    [[]],
    [{}],
    [{ value: 1 }],
    [{ millrace: null, value: 1 }],
    [{ millrace: id }],
    [{ millrace: { ...id, slot: 1 }, value: 1 }],
    [{ millrace: { ...id, version: -1 }, value: 1 }],
    [{ millrace: { ...id, index: 0.5 }, value: 1 }],
    [{ millrace: { ...id, generation: "1" }, value: 1 }],
  ])("is not what %j is", (json) => {
    expect(decodeAppended(json)).toBeUndefined();
  });
});
