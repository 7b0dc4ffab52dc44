import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommitLog, LogName, LogRow } from "../../runtime/ports/index.ts";
import type { PortFixture } from "./port-fixture.ts";

const slotOf = (slot: string, ringSize = 8): LogName => ({
  job: "delays",
  generation: 1,
  slot,
  ringSize,
});

const rowOf = (version: number, nonce = `n${version}`): LogRow => ({
  version,
  nonce,
  kind: "commit",
  epoch: 3,
  plan: "p",
  format: 1,
  body: new Uint8Array([version % 256, 0, 255]),
});

const versionsOf = (rows: readonly LogRow[]): number[] => rows.map(({ version }) => version);

/** What every commit log keeps; run it against each adapter. */
export function commitLogContract(
  name: string,
  create: () => Promise<PortFixture<CommitLog>>,
): void {
  describe(`the commit log: ${name}`, () => {
    let fixture: PortFixture<CommitLog>;
    let log: CommitLog;
    beforeAll(async () => {
      fixture = await create();
      log = fixture.port;
    });
    afterAll(() => fixture.close());

    const appendUpTo = async (slot: LogName, last: number) => {
      for (let version = 1; version <= last; version++) {
        expect(await log.append(slot, rowOf(version))).toEqual({ appended: true });
      }
    };

    test("holds nothing before the first append", async () => {
      expect(await log.readAll(slotOf("fresh"))).toEqual([]);
      expect(await log.read(slotOf("fresh"), { first: 1, last: 9 })).toEqual([]);
    });

    test("gives back every field of a row, and an absent body as absent", async () => {
      const slot = slotOf("fields");
      const { body: _, ...header } = rowOf(2);
      const pointing: LogRow = { ...header, kind: "takeover", bodyKey: "a/b" };
      const bare: LogRow = { ...header, version: 3, kind: "seal" };
      for (const row of [rowOf(1), pointing, bare]) await log.append(slot, row);
      expect(await log.readAll(slot)).toStrictEqual([rowOf(1), pointing, bare]);
    });

    test("takes a body of 390,000 bytes", async () => {
      const slot = slotOf("large");
      const row = { ...rowOf(1), body: new Uint8Array(390_000).fill(7) };
      expect(await log.append(slot, row)).toEqual({ appended: true });
      const [found] = await log.readAll(slot);
      expect(found?.body?.length).toBe(390_000);
      expect(found?.body?.every((byte) => byte === 7)).toBe(true);
    });

    test("refuses a version that is there already, and answers with the row in place", async () => {
      const slot = slotOf("taken");
      await appendUpTo(slot, 1);
      const outcome = await log.append(slot, rowOf(1, "other"));
      expect(outcome).toEqual({ appended: false, found: rowOf(1) });
      expect(await log.readAll(slot)).toEqual([rowOf(1)]);
    });

    test("overwrites exactly the version that is one ring older", async () => {
      const slot = slotOf("overwrite", 4);
      await appendUpTo(slot, 6);
      expect(versionsOf(await log.readAll(slot))).toEqual([3, 4, 5, 6]);
    });

    test("refuses a writer that is behind by a ring, so that a zombie never passes", async () => {
      const slot = slotOf("behind", 4);
      await appendUpTo(slot, 6);
      expect(await log.append(slot, rowOf(2, "zombie"))).toEqual({
        appended: false,
        found: rowOf(6),
      });
    });

    test("refuses a version more than one ring ahead of the row in its place", async () => {
      const slot = slotOf("ahead", 4);
      await appendUpTo(slot, 1);
      expect(await log.append(slot, rowOf(9))).toEqual({ appended: false, found: rowOf(1) });
    });

    test("takes any version where the place is empty, as a takeover needs", async () => {
      const slot = slotOf("takeover", 4);
      expect(await log.append(slot, rowOf(103))).toEqual({ appended: true });
      expect(await log.append(slot, rowOf(104))).toEqual({ appended: true });
      expect(versionsOf(await log.readAll(slot))).toEqual([103, 104]);
    });

    test("lets one of fifty racing writers win, and shows the others its row", async () => {
      const slot = slotOf("race");
      const rows = Array.from({ length: 50 }, (_, writer) => rowOf(1, `writer-${writer}`));
      const outcomes = await Promise.all(rows.map((row) => log.append(slot, row)));
      const winners = rows.filter((_, writer) => outcomes[writer]!.appended);
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (!outcome.appended) expect(outcome.found?.nonce).toBe(winners[0]!.nonce);
      }
      expect(await log.readAll(slot)).toEqual(winners);
    });

    test("reads ranges across the end of the ring, cut to what it still holds", async () => {
      const slot = slotOf("ranges");
      await appendUpTo(slot, 10);
      const read = async (first: number, last: number) =>
        versionsOf(await log.read(slot, { first, last }));
      expect(await read(6, 10)).toEqual([6, 7, 8, 9, 10]);
      expect(await read(0, 4)).toEqual([3, 4]);
      expect(await read(9, Number.MAX_SAFE_INTEGER)).toEqual([9, 10]);
      expect(await read(11, 12)).toEqual([]);
      expect(await read(5, 4)).toEqual([]);
    });

    test("keeps the logs of other jobs, generations and slots apart", async () => {
      const slot = slotOf("1#a");
      await appendUpTo(slot, 1);
      expect(await log.readAll({ ...slot, generation: 2 })).toEqual([]);
      expect(await log.readAll({ ...slot, job: "delays#1", slot: "a" })).toEqual([]);
      expect(await log.readAll({ ...slot, slot: "1#b" })).toEqual([]);
    });
  });
}
