import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ObjectStore } from "../../runtime/ports/index.ts";
import type { PortFixture } from "./port-fixture.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (data: Uint8Array | undefined): string | undefined =>
  data && new TextDecoder().decode(data);

/** What every object store keeps; run it against each adapter. */
export function objectStoreContract(
  name: string,
  create: () => Promise<PortFixture<ObjectStore>>,
): void {
  describe(`the object store: ${name}`, () => {
    let fixture: PortFixture<ObjectStore>;
    let store: ObjectStore;
    beforeAll(async () => {
      fixture = await create();
      store = fixture.port;
    });
    afterAll(() => fixture.close());

    const keysOf = async (prefix: string) => {
      const keys: string[] = [];
      for await (const key of store.list(prefix)) keys.push(key);
      return keys;
    };

    test("gives back the bytes of a key, empty ones included, and nothing where there is none", async () => {
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      expect(await store.put("bytes/all", all)).toBe(true);
      expect(await store.put("bytes/none", new Uint8Array(0))).toBe(true);
      expect([...(await store.get("bytes/all"))!]).toEqual([...all]);
      expect((await store.get("bytes/none"))?.length).toBe(0);
      expect(await store.get("bytes")).toBeUndefined();
      expect(await store.get("bytes/other")).toBeUndefined();
    });

    test("gives back a range of a key's bytes: as many as there are, and none behind the last", async () => {
      await store.put("range/some", bytes("0123456789"));
      await store.put("range/none", new Uint8Array(0));
      const read = async (key: string, from: number, maxBytes: number) =>
        textOf(await store.get(key, { from, maxBytes }));
      expect(await read("range/some", 0, 4)).toBe("0123");
      expect(await read("range/some", 4, 4)).toBe("4567");
      expect(await read("range/some", 8, 4)).toBe("89");
      expect(await read("range/some", 10, 4)).toBe("");
      expect(await read("range/some", 1_000, 1)).toBe("");
      expect(await read("range/none", 0, 4)).toBe("");
      expect(await read("range/other", 0, 4)).toBeUndefined();
    });

    test("keeps what was put although the caller goes on with its buffer", async () => {
      const data = bytes("before");
      await store.put("buffer", data);
      data.fill(0);
      expect(textOf(await store.get("buffer"))).toBe("before");
    });

    test("replaces a blob, but not where it was to be absent", async () => {
      expect(await store.put("absent/a", bytes("one"), { ifAbsent: true })).toBe(true);
      expect(await store.put("absent/a", bytes("two"), { ifAbsent: true })).toBe(false);
      expect(textOf(await store.get("absent/a"))).toBe("one");
      expect(await store.put("absent/a", bytes("three"))).toBe(true);
      expect(textOf(await store.get("absent/a"))).toBe("three");
    });

    test("lets one of twenty racing writers create a key", async () => {
      const puts = Array.from({ length: 20 }, (_, writer) =>
        store.put("race/a", bytes(`writer-${writer}`), { ifAbsent: true }),
      );
      const outcomes = await Promise.all(puts);
      expect(outcomes.filter((created) => created)).toHaveLength(1);
      expect(textOf(await store.get("race/a"))).toBe(`writer-${outcomes.indexOf(true)}`);
    });

    test("lists the keys of a prefix in ascending order, at any place of a name", async () => {
      const keys = ["list/a", "list/a-1", "list/a/1", "list/a/10", "list/a/2", "list/b c&d/é"];
      for (const key of keys.toReversed()) await store.put(key, bytes(key));
      await store.put("listed", bytes(""));
      expect(await keysOf("list/")).toEqual(keys);
      expect(await keysOf("list/a")).toEqual(keys.slice(0, 5));
      expect(await keysOf("list/a/1")).toEqual(["list/a/1", "list/a/10"]);
      expect(await keysOf("nothing/")).toEqual([]);
    });

    test("deletes many objects in one call, and none", async () => {
      const keys = Array.from({ length: 12 }, (_, at) => `many/${at} & <ü>`);
      for (const key of [...keys, "many/kept"]) await store.put(key, bytes("one"));
      await store.delete([...keys, "many/was never there"]);
      await store.delete([]);
      expect(await keysOf("many/")).toEqual(["many/kept"]);
    });

    test("gets and lists nothing after a delete, and deletes twice without complaint", async () => {
      await store.put("deleted/a/b", bytes("one"));
      await store.delete(["deleted/a/b"]);
      await store.delete(["deleted/a/b"]);
      expect(await store.get("deleted/a/b")).toBeUndefined();
      expect(await keysOf("deleted/")).toEqual([]);
      expect(await store.put("deleted/a/b", bytes("two"), { ifAbsent: true })).toBe(true);
    });
  });
}
