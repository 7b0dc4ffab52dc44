import type { Mutation } from "./mutation.ts";

/**
 * Section 9 of the protocol: sinks. That rows are ordered and that deletes leave a tombstone is kept by the adapters of the port,
 * so these two are taken from the simulated one.
 */
export const sinkMutations: readonly Mutation[] = [
  {
    name: "row-order-ignored",
    rule: "9.1",
    disables: "A write to a row is applied whatever order the row in place has.",
    edits: [
      {
        file: "runtime/connectors/row-order.ts",
        find: "return isAbove(order, inPlace.order) ?",
        replace: "return isAbove !== undefined ?",
      },
    ],
    focus: { faults: ["tables-arrive-late", "environment-crash", "environment-zombie"] },
    from: 3,
  },
  {
    name: "lives-not-compared",
    rule: "9.1",
    disables:
      "Rows are ordered by generation and version only, whichever life of the job wrote them.",
    edits: [
      {
        file: "runtime/connectors/row-order.ts",
        find: "if (incarnation !== inPlace.incarnation)",
        replace: "if (false)",
      },
    ],
  },
  {
    name: "tombstones-left-out",
    rule: "9.1",
    disables: "A deleted row leaves nothing behind that orders later writes.",
    edits: [
      {
        file: "test/simulation/ports/sim-tables.ts",
        find: "applied += 1;",
        replace: "applied += 1;\n      if (write.row === undefined) rows.delete(key);",
      },
    ],
    focus: {
      shapes: ["session"],
      faults: ["tables-arrive-late", "environment-crash", "environment-zombie"],
    },
    from: 16,
  },
  {
    name: "versions-not-in-order",
    rule: "9.1",
    disables: "A row's order does not hold the version that wrote it.",
    edits: [
      {
        file: "runtime/slot/commit/deliver-writes.ts",
        find: "order: { generation: generation.generation, version, index },",
        replace:
          'order: { generation: generation.generation, version: write.kind === "append" ? version : 1, index },',
      },
    ],
  },
  {
    name: "all-writes-of-a-row",
    rule: "9.1",
    disables: "All writes of a commit to one row are made, not only the last.",
    edits: [
      {
        file: "runtime/slot/commit/body-of-step.ts",
        find: "writes.push({ sink, writes: lastOfEachKey(numbered) });",
        replace:
          "writes.push({ sink, writes: numbered.length < 0 ? lastOfEachKey(numbered) : numbered });",
      },
    ],
    from: 26,
  },
  {
    name: "merged-session-stays",
    rule: "9.2",
    disables: "A session that has fired and is swallowed by a merge keeps its result.",
    edits: [
      {
        file: "runtime/windows/merging-windows.ts",
        find: "if (kept.fired && !isSameWindow(window, merged))",
        replace: "if (kept.fired && !isSameWindow(window, merged) && window.startMs < 0)",
      },
    ],
    focus: { shapes: ["session"] },
    from: 2,
  },
  {
    name: "duplicates-taken",
    rule: "9.3",
    disables: "A record of a version that is below the highest known one is taken as new.",
    edits: [
      {
        file: "runtime/connectors/duplicate-filter.ts",
        find: "return version === known.version && insert(known.seen, index);",
        replace: "return version < known.version || insert(known.seen, index);",
      },
    ],
    focus: { shapes: ["drop-duplicates"] },
  },
  {
    name: "duplicate-memory-lost",
    rule: "9.3",
    disables: "A child does not take along what its parents remember of producers.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "...(duplicates === undefined ? {} : { duplicates }),",
        replace: "...(duplicates === undefined || duplicates !== undefined ? {} : { duplicates }),",
      },
    ],
    focus: { shapes: ["drop-duplicates"], faults: ["source-split", "source-merge"] },
    from: 2,
  },
  {
    name: "record-ids-change",
    rule: "9.3",
    disables: "A record that is appended again carries another id.",
    edits: [
      {
        file: "runtime/connectors/kinesis-sink.ts",
        find: "data: encodeAppended({ slot: producer, ...order }, write.value),",
        replace:
          "data: encodeAppended({ slot: producer, ...order, index: order.index + (ports.clock.nowMs() % 1_000_000) * 1_000 }, write.value),",
      },
      {
        file: "runtime/connectors/kinesis-sink.ts",
        find: "function entryOf({ producer }: SinkDelivery",
        replace: "function entryOf({ producer, ports }: SinkDelivery",
      },
    ],
    focus: {
      shapes: ["stateless", "side-outputs"],
      faults: ["environment-crash", "writer-answer-lost"],
    },
  },
];
