import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packElements, unpackBlock } from "../../../runtime/exchange/frame.ts";
import { OutgoingBlocks, type OutgoingElement } from "../../../runtime/exchange/outgoing-blocks.ts";
import type { Change } from "../../../runtime/graph/change.ts";

const to = (group: number) => ({ stage: "counts", group, about: "What is sent" });

const someRow = fc.oneof(
  fc.record({ user: fc.string(), n: fc.integer() }),
  fc.record({ n: fc.integer(), tags: fc.array(fc.string(), { maxLength: 3 }) }),
  fc.record({ user: fc.string(), inner: fc.record({ n: fc.double() }) }),
  fc.integer(),
);

const someElement: fc.Arbitrary<OutgoingElement> = fc.record({
  value: someRow,
  timestampMs: fc.nat(),
  change: fc.constantFrom<Change>("insert", "replace", "delete"),
  before: fc.option(someRow, { nil: undefined }),
});

describe("what a batch sends", () => {
  test("comes out of its blocks as it was sent, with the values before", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), someElement), { minLength: 1, maxLength: 30 }),
        (sent) => {
          const blocks = new OutgoingBlocks();
          // A value before comes with a change only.
          const elements = sent.map(([group, element]) => ({
            group,
            element: element.change === "replace" ? element : { ...element, before: undefined },
          }));
          for (const { group, element } of elements) blocks.add(to(group), element);
          for (const block of blocks.pack()) {
            const own = elements.flatMap((one) => (one.group === block.group ? [one.element] : []));
            const { timestamps, values, changes, befores } = unpackBlock(block);
            const read = timestamps.map((timestampMs, at) => ({
              value: values[at],
              timestampMs,
              change: changes?.[at] ?? "insert",
              before: befores?.[at],
            }));
            expect(read).toEqual(own);
          }
        },
      ),
    );
  });

  test("is packed as whole blocks are", () => {
    const blocks = new OutgoingBlocks();
    const values = [{ n: 1 }, { n: 2, of: { n: 3 } }, { n: 4 }];
    for (const value of values) blocks.add(to(1), { value, timestampMs: 5, change: "insert" });
    expect(blocks.pack()[0]?.elements).toEqual(packElements({ timestamps: [5, 5, 5], values }));
  });

  test("leaves nothing in the memory that the next batch takes over", () => {
    const first = new OutgoingBlocks();
    first.add(to(1), { value: { n: "first" }, timestampMs: 1, change: "insert" });
    const [kept] = first.pack();
    const second = new OutgoingBlocks(first);
    const sent = { value: { of: "second" }, timestampMs: 2, change: "insert" } as const;
    second.add(to(1), sent);
    const fresh = new OutgoingBlocks();
    fresh.add(to(1), sent);
    expect(second.elementCount).toBe(1);
    expect(second.pack()).toEqual(fresh.pack());
    expect(unpackBlock(kept!).values).toEqual([{ n: "first" }]);
  });

  test("is fixed when it is sent: what was changed before the batch ended went out changed", () => {
    const blocks = new OutgoingBlocks();
    const value = { tags: ["new"] };
    const before = { tags: ["old"] };
    blocks.add(to(1), { value, timestampMs: 5, change: "replace", before });
    value.tags.push("changed");
    before.tags.push("changed");
    const [block] = blocks.pack();
    expect(unpackBlock(block!)).toMatchObject({
      values: [{ tags: ["new"] }],
      befores: [{ tags: ["old"] }],
    });
  });
});
