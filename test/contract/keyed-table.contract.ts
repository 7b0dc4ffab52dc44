import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KeyedTable, Row, RowKey, RowWriter, WriteOrder } from "../../runtime/ports/index.ts";
import type { PortFixture } from "./port-fixture.ts";

export interface KeyedTableFixture extends PortFixture<KeyedTable> {
  /** Makes a table whose key has these attributes; a store without schemas does nothing. */
  createTable(table: string, keys: readonly KeyAttribute[]): Promise<unknown>;
}

export interface KeyAttribute {
  readonly name: string;
  readonly type: "S" | "N";
}

/** What every table of results keeps; run it against each adapter. */
export function keyedTableContract(name: string, create: () => Promise<KeyedTableFixture>): void {
  describe(`the keyed table: ${name}`, () => {
    let fixture: KeyedTableFixture;
    let tables: KeyedTable;
    beforeAll(async () => {
      fixture = await create();
      tables = fixture.port;
      await fixture.createTable("delays", [
        { name: "carrier", type: "S" },
        { name: "day", type: "N" },
      ]);
      await fixture.createTable("carriers", [{ name: "carrier", type: "S" }]);
    });
    afterAll(() => fixture.close());

    const writer: RowWriter = { job: "this-job", incarnation: 5, takesOver: false };
    const order = (version: number, generation = 1, index = 0): WriteOrder => ({
      generation,
      version,
      index,
    });
    const write = (key: RowKey, row: Row | undefined, at: WriteOrder) =>
      tables.write("delays", [{ key, ...(row && { row: { ...key, ...row } }), order: at }], writer);
    const scanned = async (table: string) => {
      const rows: Row[] = [];
      for await (const row of tables.scan(table)) rows.push(row);
      return rows;
    };

    test("answers undefined where there is no row", async () => {
      expect(await tables.get("delays", { carrier: "none", day: 1 })).toBeUndefined();
    });

    test("gives back JSON data as it was written", async () => {
      const row = {
        carrier: "json",
        text: "",
        big: 1e21,
        tiny: -1.5e-7,
        exact: Number.MAX_SAFE_INTEGER,
        third: 1 / 3,
        yes: true,
        nothing: null,
        list: [1, ["two", {}], []],
        nested: { deep: { er: [false] } },
      };
      await tables.write("carriers", [{ key: { carrier: "json" }, row, order: order(1) }], writer);
      expect(await tables.get("carriers", { carrier: "json" })).toEqual(row);
    });

    test("names what it refuses, by the name of its attribute, and writes the rest", async () => {
      const good = { key: { carrier: "good" }, row: { carrier: "good" }, order: order(1) };
      const unfit = { ...good, key: { carrier: "bad" } };
      for (const [at, value] of [NaN, Infinity, 1n, new Date(0), [undefined]].entries()) {
        const row = { carrier: "bad", stats: { means: [1, value] } };
        const written = { ...good, order: order(at + 1) };
        expect(await tables.write("carriers", [{ ...unfit, row }, written], writer)).toEqual({
          applied: 1,
          superseded: 0,
          refused: [{ at: 0, reason: expect.stringContaining('"stats.means[1]') as string }],
        });
      }
      expect(await tables.get("carriers", { carrier: "good" })).toEqual({ carrier: "good" });
      expect(await tables.get("carriers", { carrier: "bad" })).toBeUndefined();
      const row = { carrier: "good", missing: undefined };
      await tables.write("carriers", [{ ...good, row, order: order(9) }], writer);
      expect(await tables.get("carriers", { carrier: "good" })).toStrictEqual({ carrier: "good" });
    });

    test("refuses what DynamoDB refuses, by the name of its attribute, and writes the rest", async () => {
      let deep: unknown = 1;
      for (let level = 0; level < 32; level++) deep = { deep };
      const unfit: readonly [unknown, string][] = [
        [{ "": 1 }, '"x."'],
        [[{ a: { "": 1 } }], '"x[0].a."'],
        [deep, '"x.deep.deep'],
        [{ ["n".repeat(65_536)]: 1 }, "65536 bytes"],
        [Array.from({ length: 150_000 }, () => 7), "409400 bytes"],
        ["x".repeat(409_400), "409400 bytes"],
        [1e126, "1e+126"],
        [-1e-131, "-1e-131"],
        ["\udc00\ud800", "surrogate"],
      ];
      const bad: (readonly [Row, RowKey, string])[] = unfit.map(([x, reason]) => [
        { x },
        { carrier: "bad" },
        reason,
      ]);
      for (const carrier of ["", "k".repeat(2_049), "\ud800", 1e126])
        bad.push([{}, { carrier }, '"carrier"']);
      for (const name of ["_order", "_owner", "_deleted"])
        bad.push([{ [name]: 1 }, { carrier: "bad" }, `"${name}"`]);
      for (const [at, [row, key, reason]] of bad.entries()) {
        const good = { key: { carrier: "well" }, row: { carrier: "well" }, order: order(at + 1) };
        const refused = { key, row: { ...row, ...key }, order: order(1) };
        expect(await tables.write("carriers", [refused, good], writer)).toEqual({
          applied: 1,
          superseded: 0,
          refused: [{ at: 0, reason: expect.stringContaining(reason) as string }],
        });
      }
      expect(await tables.get("carriers", { carrier: "bad" })).toBeUndefined();
    });

    test("refuses rows with a key of other types or names than the table's, and writes the rest", async () => {
      await fixture.createTable("typed", [{ name: "id", type: "S" }]);
      const written = (key: RowKey) => ({ key, row: { ...key }, order: order(1) });
      expect(await tables.write("typed", [written({ id: "first" })], writer)).toMatchObject({
        applied: 1,
      });
      const bad: readonly RowKey[] = [{ id: 7 }, { other: "first" }];
      for (const key of bad)
        expect(
          await tables.write(
            "typed",
            [written(key), written({ id: `${JSON.stringify(key)}` })],
            writer,
          ),
        ).toEqual({
          applied: 1,
          superseded: 0,
          refused: [{ at: 0, reason: expect.any(String) as string }],
        });
      expect(await scanned("typed")).toHaveLength(1 + bad.length);
    });

    test("takes what DynamoDB just takes", async () => {
      const carrier = "k".repeat(2_048);
      let deep: unknown = 1;
      for (let level = 0; level < 31; level++) deep = { deep };
      const row = { carrier, deep, ["n".repeat(65_535)]: [9.99999e125, -1e-130], text: "" };
      await tables.write("carriers", [{ key: { carrier }, row, order: order(1) }], writer);
      expect(await tables.get("carriers", { carrier })).toEqual(row);
    });

    test("finds a row by its key's values, however the key's attributes are ordered", async () => {
      await write({ carrier: "AA", day: 1 }, { n: 1 }, order(1));
      expect(await tables.get("delays", { day: 1, carrier: "AA" })).toMatchObject({ n: 1 });
    });

    test("changes nothing where the order is equal or older, and counts it", async () => {
      const key = { carrier: "replay", day: 1 };
      expect(await write(key, { n: 9 }, order(9))).toEqual({ applied: 1, superseded: 0 });
      expect(await write(key, { n: 0 }, order(9))).toEqual({ applied: 0, superseded: 1 });
      expect(await write(key, { n: 0 }, order(8, 1, 99))).toEqual({ applied: 0, superseded: 1 });
      expect(await tables.get("delays", key)).toEqual({ ...key, n: 9 });
    });

    test("compares generation, version and index as numbers from left to right", async () => {
      const key = { carrier: "order", day: 1 };
      const orders = [order(9), order(10), order(10, 1, 2), order(10, 1, 10), order(1, 2)];
      for (const [n, at] of orders.entries()) {
        expect(await write(key, { n }, at)).toEqual({ applied: 1, superseded: 0 });
      }
      for (const at of orders) {
        expect(await write(key, { n: -1 }, at)).toEqual({ applied: 0, superseded: 1 });
      }
      expect(await tables.get("delays", key)).toEqual({ ...key, n: 4 });
    });

    test("hides a deleted row, and lets no older write bring it back", async () => {
      const key = { carrier: "deleted", day: 1 };
      await write(key, { n: 1 }, order(1));
      expect(await write(key, undefined, order(3))).toEqual({ applied: 1, superseded: 0 });
      expect(await tables.get("delays", key)).toBeUndefined();
      expect(await write(key, { n: 2 }, order(2))).toEqual({ applied: 0, superseded: 1 });
      expect(await tables.get("delays", key)).toBeUndefined();
      const rows = await scanned("delays");
      expect(rows.filter(({ carrier }) => carrier === "deleted")).toEqual([]);
      expect(await write(key, { n: 4 }, order(4))).toEqual({ applied: 1, superseded: 0 });
      expect(await tables.get("delays", key)).toEqual({ ...key, n: 4 });
    });

    test("keeps the tombstone of a row that was never there", async () => {
      const key = { carrier: "early", day: 1 };
      expect(await write(key, undefined, order(2))).toEqual({ applied: 1, superseded: 0 });
      expect(await write(key, { n: 1 }, order(1))).toEqual({ applied: 0, superseded: 1 });
    });

    describe("a row has an owner:", () => {
      const inLife = (incarnation: number, change: Partial<RowWriter> = {}): RowWriter => ({
        ...writer,
        incarnation,
        ...change,
      });
      const writeAs = (by: RowWriter, key: RowKey, at: WriteOrder, row?: Row) =>
        tables.write("delays", [{ key, ...(row && { row: { ...key, ...row } }), order: at }], by);
      const applied = { applied: 1, superseded: 0 };
      const superseded = { applied: 0, superseded: 1 };
      const refused = {
        applied: 0,
        superseded: 0,
        refused: [{ at: 0, reason: expect.stringContaining('job "this-job"') as string }],
      };

      test("a job that was computed anew stands over what its dead life left, whatever the versions", async () => {
        const key = { carrier: "anew", day: 1 };
        expect(await writeAs(inLife(5), key, order(900, 7), { n: 1 })).toEqual(applied);
        expect(await writeAs(inLife(6), key, order(1, 1), { n: 2 })).toEqual(applied);
        expect(await writeAs(inLife(6), key, order(1, 1), { n: 2 })).toEqual(superseded);
        expect(await writeAs(inLife(5), key, order(901, 7), { n: 3 })).toEqual(superseded);
        expect(await tables.get("delays", key)).toEqual({ ...key, n: 2 });
        expect(await writeAs(inLife(6), key, order(2, 1))).toEqual(applied);
        expect(await writeAs(inLife(5), key, order(902, 7), { n: 4 })).toEqual(superseded);
        expect(await tables.get("delays", key)).toBeUndefined();
      });

      test("another job's row is refused and stays, tombstones too, whichever began later", async () => {
        for (const [day, incarnation] of [1, 9].entries()) {
          const key = { carrier: "other", day };
          const other = inLife(incarnation, { job: "other-job" });
          await writeAs(inLife(5), key, order(1), { n: 1 });
          expect(await writeAs(other, key, order(9, 9), { n: 2 })).toEqual(refused);
          expect(await tables.get("delays", key)).toEqual({ ...key, n: 1 });
          await writeAs(inLife(5), key, order(2));
          expect(await writeAs(other, key, order(9, 9), { n: 2 })).toEqual(refused);
          expect(await tables.get("delays", key)).toBeUndefined();
        }
      });

      test("or is taken over once, and what the other job still writes is refused", async () => {
        const key = { carrier: "taken", day: 1 };
        const taking = inLife(3, { job: "other-job", takesOver: true });
        await writeAs(inLife(5), key, order(900, 7), { n: 1 });
        expect(await writeAs(taking, key, order(1), { n: 2 })).toEqual(applied);
        expect(await writeAs(taking, key, order(1), { n: 2 })).toEqual(superseded);
        expect(await writeAs(inLife(5), key, order(901, 7), { n: 3 })).toMatchObject({
          applied: 0,
          refused: [{ at: 0 }],
        });
        expect(await tables.get("delays", key)).toEqual({ ...key, n: 2 });
      });

      test("a job that began before rows had owners goes on, and gives way to one that began after", async () => {
        const key = { carrier: "first", day: 1 };
        expect(await writeAs(inLife(0), key, order(9), { n: 1 })).toEqual(applied);
        expect(await writeAs(inLife(0), key, order(8), { n: 0 })).toEqual(superseded);
        expect(await writeAs(inLife(0), key, order(10), { n: 2 })).toEqual(applied);
        expect(await writeAs(inLife(1), key, order(1), { n: 3 })).toEqual(applied);
        expect(await writeAs(inLife(0), key, order(11), { n: 4 })).toEqual(superseded);
        expect(await tables.get("delays", key)).toEqual({ ...key, n: 3 });
      });
    });

    test("replaces a row as a whole", async () => {
      const key = { carrier: "whole", day: 1 };
      await write(key, { a: 1 }, order(1));
      await write(key, { b: 2 }, order(2));
      expect(await tables.get("delays", key)).toEqual({ ...key, b: 2 });
    });

    test("applies what is newer in a call and counts the rest", async () => {
      const keys = [1, 2, 3].map((day) => ({ carrier: "mixed", day }));
      await write(keys[1]!, { n: 5 }, order(5));
      const writes = keys.map((key, index) => ({
        key,
        row: { ...key, n: 4 },
        order: order(4, 1, index),
      }));
      expect(await tables.write("delays", writes, writer)).toEqual({ applied: 2, superseded: 1 });
      expect(await tables.get("delays", keys[1]!)).toEqual({ ...keys[1]!, n: 5 });
      expect(await tables.write("delays", [], writer)).toEqual({ applied: 0, superseded: 0 });
    });

    test("scans every row of a table with its key, and those of no other", async () => {
      await fixture.createTable("wide", [{ name: "id", type: "N" }]);
      const writes = Array.from({ length: 60 }, (_, id) => ({
        key: { id },
        row: { id, text: "x".repeat(100) },
        order: order(1, 1, id),
      }));
      expect(await tables.write("wide", writes, writer)).toEqual({ applied: 60, superseded: 0 });
      const ids = (await scanned("wide")).map(({ id }) => id as number);
      expect(ids.sort((a, b) => a - b)).toEqual(writes.map(({ key }) => key.id));
    });
  });
}
