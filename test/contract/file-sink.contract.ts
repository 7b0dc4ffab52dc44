import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileSink } from "../../runtime/connectors/index.ts";
import { stagedSpecOf } from "../../runtime/connectors/sinks.ts";
import type { ObjectStore } from "../../runtime/ports/index.ts";
import type { PortFixture } from "./port-fixture.ts";

const sink = fileSink<{ readonly n: number }>({ folder: "numbers" });
const spec = stagedSpecOf(sink.type)!;
const contentOf = (...numbers: readonly number[]): Uint8Array =>
  spec.stage(numbers.map((n) => sink.encode({ n }, "insert")));

/** What the file sink keeps over every store that files may be in. */
export function fileSinkContract(
  name: string,
  create: () => Promise<PortFixture<ObjectStore>>,
): void {
  describe(`files of a sink: ${name}`, () => {
    let fixture: PortFixture<ObjectStore>;
    let files: ObjectStore;
    beforeAll(async () => {
      fixture = await create();
      files = fixture.port;
    });
    afterAll(() => fixture.close());

    const textOf = async (key: string) => new TextDecoder().decode(await files.get(key));
    const keysIn = async (folder: string) => {
      const keys: string[] = [];
      for await (const key of files.list(`${folder}/`)) keys.push(key);
      return keys;
    };

    test("appear as a whole, a line for each element", async () => {
      const to = { ports: { files }, target: "once" };
      await spec.commit(to, { name: "1/in/shard-0/0000000003-a", content: contentOf(1, 2) });
      expect(await keysIn("once")).toEqual(["once/1/in/shard-0/0000000003-a.jsonl"]);
      expect(await textOf("once/1/in/shard-0/0000000003-a.jsonl")).toBe('{"n":1}\n{"n":2}\n');
    });

    test("stay as they are when ten others make them visible at the same time, and one later", async () => {
      const to = { ports: { files }, target: "again" };
      const staged = { name: "1/in/shard-0/0000000003-a", content: contentOf(1) };
      await Promise.all(Array.from({ length: 10 }, () => spec.commit(to, staged)));
      await spec.commit(to, staged);
      expect(await keysIn("again")).toEqual(["again/1/in/shard-0/0000000003-a.jsonl"]);
      expect(await textOf("again/1/in/shard-0/0000000003-a.jsonl")).toBe('{"n":1}\n');
    });

    test("stand in the order of their versions", async () => {
      const to = { ports: { files }, target: "order" };
      for (const version of ["0000000010", "0000000009"])
        await spec.commit(to, { name: `1/in/s/${version}-x`, content: contentOf(1) });
      const [first, second] = await keysIn("order");
      expect([first, second]).toEqual([
        "order/1/in/s/0000000009-x.jsonl",
        "order/1/in/s/0000000010-x.jsonl",
      ]);
    });
  });
}
