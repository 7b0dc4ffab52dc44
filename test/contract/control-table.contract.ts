import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlRow, ControlTable } from "../../runtime/ports/index.ts";
import type { PortFixture } from "./port-fixture.ts";

/** What every control table keeps; run it against each adapter. */
export function controlTableContract(
  name: string,
  create: () => Promise<PortFixture<ControlTable>>,
): void {
  describe(`the control table: ${name}`, () => {
    let fixture: PortFixture<ControlTable>;
    let table: ControlTable;
    beforeAll(async () => {
      fixture = await create();
      table = fixture.port;
    });
    afterAll(() => fixture.close());

    const rowOf = (partition: string, rank: number, sort = "s"): ControlRow => ({
      partition,
      sort,
      rank,
      value: { rank, nested: [1, null, "é", { deep: true }] },
    });

    test("answers undefined and an empty list where nothing is", async () => {
      expect(await table.get({ partition: "nothing", sort: "" })).toBeUndefined();
      expect(await table.list("nothing")).toEqual([]);
    });

    test("gives back any JSON value, and ranks up to the largest safe integer", async () => {
      const values = [null, "", "text", 0, -1.5, true, [], {}, { a: [{ b: null }] }];
      for (const value of values) {
        const row = { partition: "values", sort: "s", rank: Number.MAX_SAFE_INTEGER, value };
        expect(await table.put(row, { kind: "always" })).toEqual({ written: true });
        expect(await table.get(row)).toEqual(row);
      }
    });

    test("writes an absent row once, and then answers with what is there", async () => {
      expect(await table.put(rowOf("absent", 5), { kind: "absent" })).toEqual({ written: true });
      expect(await table.put(rowOf("absent", 6), { kind: "absent" })).toEqual({
        written: false,
        found: rowOf("absent", 5),
      });
    });

    test("writes forward only above the rank in place", async () => {
      const put = (rank: number) => table.put(rowOf("forward", rank), { kind: "forward" });
      expect(await put(0)).toEqual({ written: true });
      expect(await put(10)).toEqual({ written: true });
      expect(await put(10)).toEqual({ written: false, found: rowOf("forward", 10) });
      expect(await put(9)).toEqual({ written: false, found: rowOf("forward", 10) });
    });

    test("writes over exactly the rank that was asked for", async () => {
      const put = (rank: number, over: number) =>
        table.put(rowOf("rank", rank), { kind: "rank", rank: over });
      expect(await put(1, 0)).toEqual({ written: false });
      await table.put(rowOf("rank", 4), { kind: "absent" });
      expect(await put(6, 5)).toEqual({ written: false, found: rowOf("rank", 4) });
      expect(await put(2, 4)).toEqual({ written: true });
      expect(await table.get(rowOf("rank", 0))).toEqual(rowOf("rank", 2));
    });

    test("writes always when told so, a lower rank included", async () => {
      await table.put(rowOf("always", 9), { kind: "always" });
      expect(await table.put(rowOf("always", 1), { kind: "always" })).toEqual({ written: true });
      expect(await table.get(rowOf("always", 0))).toEqual(rowOf("always", 1));
    });

    test("lets one of twenty racing writers take a lease", async () => {
      await table.put(rowOf("lease", 1), { kind: "absent" });
      const puts = Array.from({ length: 20 }, () =>
        table.put(rowOf("lease", 2), { kind: "rank", rank: 1 }),
      );
      const outcomes = await Promise.all(puts);
      expect(outcomes.filter(({ written }) => written)).toHaveLength(1);
    });

    test("deletes a row of the rank that was asked for, and no other; a second time changes nothing", async () => {
      await table.put(rowOf("deleted", 4), { kind: "absent" });
      await table.put(rowOf("deleted", 4, "other"), { kind: "absent" });
      await table.delete({ partition: "deleted", sort: "s", rank: 3 });
      expect(await table.get(rowOf("deleted", 0))).toEqual(rowOf("deleted", 4));
      for (let times = 0; times < 2; times++) {
        await table.delete(rowOf("deleted", 4));
        expect(await table.get(rowOf("deleted", 0))).toBeUndefined();
      }
      expect(await table.list("deleted")).toEqual([rowOf("deleted", 4, "other")]);
      expect(await table.put(rowOf("deleted", 1), { kind: "absent" })).toEqual({ written: true });
    });

    test("lists a partition in the order of code units, the empty sort key included", async () => {
      const sorts = ["", "Z", "a", "a#1", "\u{10000}", "\uffff"];
      for (const sort of sorts.toReversed())
        await table.put(rowOf("sorted", 1, sort), { kind: "always" });
      await table.put(rowOf("sorted2", 1), { kind: "always" });
      expect((await table.list("sorted")).map(({ sort }) => sort)).toEqual(sorts);
    });
  });
}
