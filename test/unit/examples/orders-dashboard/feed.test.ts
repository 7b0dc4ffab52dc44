import { expect, test } from "vitest";
import { feedOrders } from "../../../../examples/orders-dashboard/feed.ts";
import {
  orderEvents,
  type OrderRecord,
} from "../../../../examples/orders-dashboard/order-events.ts";

/** Takes what `accepts` lets through, and keeps how large each put was. */
function recordingWriter(accepts: (put: number, at: number) => boolean = () => true) {
  const records: OrderRecord[] = [];
  const putSizes: number[] = [];
  return {
    records,
    putSizes,
    async put(_stream: string, entries: readonly OrderRecord[]) {
      const put = putSizes.push(entries.length) - 1;
      return entries.map((entry, at) => {
        const isPut = accepts(put, at);
        if (isPut) records.push(entry);
        return { put: isPut };
      });
    },
  };
}

const all = (to: number) => [...orderEvents({ seed: 1, from: 0, to })];

test("records come in order, in puts of at most 500", async () => {
  const writer = recordingWriter();
  await feedOrders({ writer, stream: "orders", seed: 1, to: 1_200 });
  expect(writer.putSizes).toEqual([500, 500, 200]);
  expect(writer.records).toEqual(all(1_200));
});

test("a feed goes on at the position that an earlier one came to", async () => {
  const writer = recordingWriter();
  const reached: number[] = [];
  const onPut = (next: number) => void reached.push(next);
  const feed = { writer, stream: "orders", seed: 1, onPut };
  await feedOrders({ ...feed, to: 730 });
  await feedOrders({ ...feed, from: reached.at(-1)!, to: 1_300 });
  expect(reached).toEqual([500, 730, 1_230, 1_300]);
  expect(writer.records).toEqual(all(1_300));
});
