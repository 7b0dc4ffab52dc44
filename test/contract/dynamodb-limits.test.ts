import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { itemOfRow } from "../../runtime/aws/attribute-values.ts";
import {
  checkStorableKey,
  itemBytes,
  maxItemBytes,
} from "../../runtime/connectors/dynamodb-limits.ts";
import { rounds } from "../rounds.ts";
import { awsWorld, type AwsWorld } from "./aws-world.ts";

type Row = Readonly<Record<string, unknown>>;

let world: AwsWorld;
beforeAll(async () => {
  world = await awsWorld();
  await world.createTable("texts", [
    { name: "p", type: "S" },
    { name: "s", type: "S" },
  ]);
  await world.createTable("numbers", [{ name: "p", type: "N" }]);
});
afterAll(() => world.close());

/** Whether the emulator takes an item; what it refuses for another reason than the item is thrown. */
async function takes(table: string, row: Row): Promise<boolean> {
  try {
    await world.clients.dynamodb.send(
      new PutItemCommand({ TableName: table, Item: itemOfRow(row) }),
    );
    return true;
  } catch (error) {
    if ((error as Error).name !== "ValidationException") throw error;
    return false;
  }
}

function refuses(check: () => void): boolean {
  try {
    check();
    return false;
  } catch {
    return true;
  }
}

/** The emulator counts a text's UTF-16 units, so that texts are of ASCII here. */
const text = fc.string({ unit: "grapheme-ascii", maxLength: 20 });
/** The emulator drops a nested "__proto__". */
const name = fc
  .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 10 })
  .filter((each) => each !== "__proto__");
const number = fc
  .oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }),
  )
  .filter((value) => value === 0 || Math.abs(value) >= 1e-130);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(name, tie("value"), { maxKeys: 5 }),
  ),
}));

test("an item has the bytes that the emulator counts: the last one that fits is taken, one more is not", async () => {
  const content = fc.dictionary(name, value, { maxKeys: 10 });
  await fc.assert(
    fc.asyncProperty(content, fc.constantFrom(-1, 0, 1, 2), async (attributes, beyond) => {
      const row = { ...attributes, p: "p", s: "s" };
      const filler = "x".repeat(maxItemBytes + beyond - itemBytes(row) - "filler".length);
      expect(await takes("texts", { ...row, filler })).toBe(beyond <= 0);
    }),
    { numRuns: rounds({ few: 15, many: 60 }) },
  );
});

test("a number is refused where the emulator refuses it", async () => {
  const exponent = fc.integer({ min: -140, max: 140 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 999 }), exponent, async (digits, power) => {
      const p = Number(`${digits / 100}e${power}`);
      expect(refuses(() => void itemBytes({ p }))).toBe(!(await takes("numbers", { p })));
    }),
    { numRuns: rounds({ few: 25, many: 100 }) },
  );
});

test("a key is refused where the emulator refuses it", async () => {
  const key = [
    { name: "p", type: "string" },
    { name: "s", type: "string" },
  ] as const;
  const lengths = fc.constantFrom(0, 1, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049);
  const attribute = fc.oneof(
    lengths.map((length) => "k".repeat(length)),
    fc.integer(),
  );
  await fc.assert(
    fc.asyncProperty(attribute, attribute, async (p, s) => {
      const row = { p, s };
      const isRefused = refuses(() => checkStorableKey({ table: "texts", row }, key));
      expect(isRefused).toBe(!(await takes("texts", row)));
    }),
    { numRuns: rounds({ few: 25, many: 100 }) },
  );
});
