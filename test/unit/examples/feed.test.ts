import { expect, test } from "vitest";
import { feedFlights } from "../../../examples/flight-delays/feed.ts";
import { eventTimeMs, Flight } from "../../../examples/flight-delays/flight.ts";
import type { PutEntry } from "../../../runtime/ports/index.ts";

/** Takes what `accepts` lets through, and keeps how large each put was. */
function recordingWriter(accepts: (put: number, at: number) => boolean = () => true) {
  const records: PutEntry[] = [];
  const putSizes: number[] = [];
  return {
    records,
    putSizes,
    async put(_stream: string, entries: readonly PutEntry[]) {
      const put = putSizes.push(entries.length) - 1;
      return entries.map((entry, at) => {
        const isPut = accepts(put, at);
        if (isPut) records.push(entry);
        return { put: isPut };
      });
    },
  };
}

const rowsIn = (records: readonly PutEntry[]): readonly number[] =>
  records.map(({ data }) => (JSON.parse(new TextDecoder().decode(data)) as Flight).row);
const upTo = (end: number, from = 0): readonly number[] =>
  Array.from({ length: end - from }, (_, at) => from + at);

test("rows come in file order, in puts of at most 500, under their number", async () => {
  const writer = recordingWriter();
  await feedFlights({ writer, stream: "flights", count: 1_200 });
  expect(writer.putSizes).toEqual([500, 500, 200]);
  expect(rowsIn(writer.records)).toEqual(upTo(1_200));
  expect(writer.records.map(({ partitionKey }) => Number(partitionKey))).toEqual(upTo(1_200));
});

test("a record is a flight of the schema whose event time is the departure less the delay", async () => {
  const writer = recordingWriter();
  await feedFlights({ writer, stream: "flights", count: 1 });
  const text = new TextDecoder().decode(writer.records[0]?.data);
  expect(text).toBe(
    '{"row":0,"date":"2001-01-01T00:01","delay":33,"distance":2176,"origin":"LAS","destination":"PHL"}',
  );
  const flight = Flight.parse(JSON.parse(text));
  expect(eventTimeMs(flight)).toBe(Date.UTC(2000, 11, 31, 23, 28));
});

test("a feed goes on at the row that an earlier one came to", async () => {
  const first = recordingWriter();
  const second = recordingWriter();
  const reached: number[] = [];
  const onPut = (nextRow: number) => void reached.push(nextRow);
  await feedFlights({ writer: first, stream: "flights", count: 700, onPut });
  const fromRow = reached.at(-1) ?? 0;
  await feedFlights({ writer: second, stream: "flights", count: 1_300, fromRow, onPut });
  expect(reached).toEqual([500, 700, 1_200, 1_300]);
  expect(rowsIn([...first.records, ...second.records])).toEqual(upTo(1_300));
});
