import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestingMax, parseJson } from "../../../runtime/serde/parse-json.ts";

const refusal = (code: string) => expect.objectContaining({ code, domain: "input" });

describe("integers that a number can't hold", () => {
  const text = '{"id":9007199254740993,"more":[{"id":-12345678901234567890}],"n":9007199254740991}';

  test("are refused, so that two ids don't become one", () => {
    expect(() => parseJson(text, "refuse")).toThrow(refusal("integer-too-large"));
    expect(() => parseJson("9007199254740992", "refuse")).toThrow(refusal("integer-too-large"));
    expect(() => parseJson("[-9007199254740992]", "refuse")).toThrow(refusal("integer-too-large"));
  });

  test("are read as bigints or texts, at any depth; all others are numbers", () => {
    expect(parseJson(text, "bigint")).toEqual({
      id: 9007199254740993n,
      more: [{ id: -12345678901234567890n }],
      n: Number.MAX_SAFE_INTEGER,
    });
    expect(parseJson(text, "text")).toEqual({
      id: "9007199254740993",
      more: [{ id: "-12345678901234567890" }],
      n: Number.MAX_SAFE_INTEGER,
    });
  });

  test("are none where digits stand in a text, behind a point, or with an exponent", () => {
    const other =
      '{"card":"4111111111111111222","say":"no 9007199254740993, nor 1,9007199254740993","x":0.12345678901234567,"y":12345678901234567890.5,"z":12345678901234567890e3}';
    expect(parseJson(other, "refuse")).toEqual(JSON.parse(other));
  });

  test("are found with zeros behind a point too, as some writers put them", () => {
    for (const id of ["9007199254740993.0", "-9007199254740993.000"])
      expect(() => parseJson(`{"id":${id}}`, "refuse")).toThrow(refusal("integer-too-large"));
    expect(parseJson("[9007199254740993.0]", "bigint")).toEqual([9007199254740993n]);
    expect(parseJson("[-9007199254740993.00]", "text")).toEqual(["-9007199254740993"]);
    expect(parseJson("[1.0,12.00]", "refuse")).toEqual([1, 12]);
  });

  test("are not so large that they would become infinite", () => {
    const digits = "9".repeat(310);
    for (const number of ["1e309", "-1E+400", "1000000e305", "0.1e0310", `${digits}.5`])
      for (const largeIntegers of ["refuse", "bigint", "text"] as const)
        expect(() => parseJson(`{"x":[${number}]}`, largeIntegers)).toThrow(
          refusal("number-too-large"),
        );
    expect(parseJson("[1.7e308,1e-999]", "refuse")).toEqual([1.7e308, 0]);
    expect(parseJson(digits, "bigint")).toBe(BigInt(digits));
  });

  test("are found wherever they stand in a document", () => {
    for (let before = 0; before < 40; before++) {
      const document = `[${" ".repeat(before)}9007199254740993]`;
      expect(() => parseJson(document, "refuse")).toThrow(refusal("integer-too-large"));
    }
  });

  test("come out exactly, and nothing else changes", () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const scalar = fc.oneof(number, fc.string(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: "small" }, scalar, tie("array"), tie("object")),
      array: fc.array(tie("value")),
      object: fc.dictionary(fc.string(), tie("value")),
    }));
    fc.assert(
      fc.property(value, (data) => {
        expect(parseJson(textOf(data), "bigint")).toEqual(asRead(data));
      }),
      { numRuns: 500 },
    );
  });
});

function textOf(data: unknown): string {
  if (typeof data === "bigint") return data.toString();
  if (Array.isArray(data)) return `[${data.map(textOf).join(",")}]`;
  if (typeof data !== "object" || data === null) return JSON.stringify(data);
  const fields = Object.entries(data).map(
    ([name, part]) => `${JSON.stringify(name)}:${textOf(part)}`,
  );
  return `{${fields.join(", ")}}`;
}

/** What must be read of it: bigints only where a number can't hold the integer, and JSON's own view of everything else. */
function asRead(data: unknown): unknown {
  if (typeof data === "bigint") return Number.isSafeInteger(Number(data)) ? Number(data) : data;
  if (typeof data === "number")
    return isLargeInteger(data) ? BigInt(JSON.stringify(data)) : JSON.parse(JSON.stringify(data));
  if (Array.isArray(data)) return data.map(asRead);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, part]) => [name, asRead(part)]));
}

function isLargeInteger(data: number): boolean {
  return !Number.isSafeInteger(data) && /^-?\d+$/.test(JSON.stringify(data));
}

describe("nesting", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  test("is bounded, whatever lies on the stack", () => {
    expect(parseJson(nested(nestingMax), "refuse")).toBeInstanceOf(Array);
    expect(() => parseJson(nested(nestingMax + 1), "refuse")).toThrow(refusal("document-too-deep"));
    expect(() => parseJson(`{"a":${nested(nestingMax)}}`, "refuse")).toThrow(
      refusal("document-too-deep"),
    );
    expect(() => parseJson("[".repeat(1_000_000), "refuse")).toThrow(refusal("document-too-deep"));
  });

  test("is none where brackets stand in texts or side by side", () => {
    const texts = JSON.stringify(["[{".repeat(2_000), '\\"[[', "[".repeat(3_000)]);
    expect(parseJson(texts, "refuse")).toEqual(JSON.parse(texts));
    const wide = `[${"[{}],".repeat(5_000)}1]`;
    expect(parseJson(wide, "refuse")).toEqual(JSON.parse(wide));
  });
});
