import type { Mutation } from "./mutation.ts";

/** Sections 3.2 and 3.4 of the protocol: what a step leaves of its timers, and what a delivery marks and writes off. */
export const deliveryMutations: readonly Mutation[] = [
  {
    name: "mark-of-another-version",
    rule: "3.4",
    disables: "How far a delivery has come is taken from the mark of whatever version.",
    edits: [
      {
        file: "runtime/slot/commit/delivery-mark.ts",
        find: "const isOurs = known?.version === version;",
        replace: "const isOurs = known !== undefined && known.version !== version - 1_000_000;",
      },
    ],
    focus: { faults: ["rows-refused", "environment-crash", "throttled-tables"] },
    from: 13,
  },
  {
    name: "refused-write-stops",
    rule: "3.4",
    disables: "A delivery does not get past a write that its store refuses.",
    edits: [
      {
        file: "runtime/slot/commit/deliver-writes.ts",
        find: "if (refusals.length > 0) await writeOff(delivery, { sink, refusals });",
        replace:
          "if (refusals.length > 0) throw outOfTime(delivery);\n    if (done < 0) await writeOff(delivery, { sink, refusals });",
      },
    ],
    focus: { shapes: ["keyed-count", "tumbling"], faults: ["rows-refused"] },
  },
  {
    name: "refused-write-forgotten",
    rule: "3.4",
    disables: "A write that its store refuses is passed over, and goes to no dead letters.",
    edits: [
      {
        file: "runtime/slot/commit/deliver-writes.ts",
        find: "if (refusals.length > 0) await writeOff(delivery, { sink, refusals });",
        replace: "if (refusals.length < 0) await writeOff(delivery, { sink, refusals });",
      },
    ],
    focus: { shapes: ["keyed-count", "tumbling"], faults: ["rows-refused"] },
  },
  {
    name: "timers-left-behind",
    rule: "3.2",
    disables: "What a step has left of its timers does not come before what comes next.",
    edits: [
      {
        file: "runtime/slot/commit/cut.ts",
        find: 'if (phase === "firing") {',
        replace: 'if (phase === "firing" && meta.version < 0) {',
      },
      {
        file: "runtime/slot/take-records.ts",
        find: 'slotPhase(image) !== "firing"',
        replace: 'slotPhase(image) !== "sealed"',
      },
    ],
    focus: { faults: ["small-steps"] },
    from: 16,
  },
  {
    name: "timers-of-one-name-are-one",
    rule: "3.2",
    disables: "Timers of one name and key are told apart by their ids.",
    edits: [
      {
        file: "runtime/state/timer-name.ts",
        find: 'id === undefined ? "" : idMark + id',
        replace: 'id === undefined ? "" : idMark + id.slice(0, 0)',
      },
    ],
    focus: { shapes: ["timers"] },
  },
];
