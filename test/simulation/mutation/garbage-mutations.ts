import type { Mutation } from "./mutation.ts";

const collector = "runtime/savepoints/garbage.ts";

/** Section 6.8 of the protocol: what garbage collection marks, and in which order it looks. */
export const garbageMutations: readonly Mutation[] = [
  {
    name: "named-segments-not-marked",
    rule: "6.8",
    disables: "Segments of the parts that progress rows name are swept.",
    edits: [
      {
        file: collector,
        find: "for (const { key } of [...segments, ...(meta.staged ?? [])]) roots.add(key);",
        replace: "void segments;\n      for (const { key } of meta.staged ?? []) roots.add(key);",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage"] },
  },
  {
    name: "share-of-an-open-epoch-not-marked",
    rule: "6.8",
    disables: "Only the newest part of a slot is marked, not that of its cut.",
    edits: [
      {
        file: collector,
        find: "for (const named of [part, checkpoint?.part]) {",
        replace: "for (const named of [part]) {",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage", "short-ring"] },
    from: 4,
  },
  {
    name: "in-flight-of-an-open-epoch-not-marked",
    rule: "6.8",
    disables: "What was in flight for an epoch that is open is swept.",
    edits: [
      {
        file: collector,
        find: "if (inFlight !== undefined) roots.add(inFlight.key);",
        replace: "void inFlight;",
      },
    ],
    focus: {
      mission: "checkpoints",
      shapes: ["two-key-bys", "keyed-count", "join"],
      faults: ["quick-garbage"],
    },
    from: 56,
  },
  {
    name: "references-of-manifests-not-marked",
    rule: "6.8",
    disables: "What retained manifests refer to is swept.",
    edits: [
      {
        file: collector,
        find: 'if (epoch.status !== "complete") continue;',
        replace: "if (epoch.status !== undefined) continue;",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage"] },
    from: 87,
  },
  {
    name: "savepoints-retained-like-checkpoints",
    rule: "6.8",
    disables: "Savepoints count as checkpoints, and go when there are more than are retained.",
    edits: [
      {
        file: collector,
        find: 'epoch.status === "complete" && epoch.savepoint === undefined && !isStopOf(living, epoch),',
        replace: 'epoch.status === "complete" && epoch.epoch > 0,',
      },
    ],
    focus: { mission: "savepoint", faults: ["quick-garbage"] },
    from: 4,
  },
  {
    name: "tombstones-swept",
    rule: "6.8",
    disables: "Tombstones count as checkpoints, and go when there are more than are retained.",
    edits: [
      {
        file: collector,
        find: 'epoch.status === "complete" && epoch.savepoint === undefined && !isStopOf(living, epoch),',
        replace:
          '(epoch.status === "expired" || epoch.savepoint === undefined) && !isStopOf(living, epoch),',
      },
    ],
    focus: {
      mission: "checkpoints",
      faults: ["quick-garbage", "coordinator-zombie", "coordinator-twice", "object-arrives-late"],
    },
    from: 8,
  },
  {
    name: "newer-parts-swept",
    rule: "6.8",
    disables: "Parts and segments are swept that are not older than the one the slot goes on from.",
    edits: [
      {
        file: collector,
        find: "return version < (row.part?.version ?? 0)",
        replace: "return version >= 0",
      },
    ],
    focus: {
      mission: "checkpoints",
      faults: ["quick-garbage", "slow-objects", "environment-zombie"],
    },
    from: 31,
  },
  {
    name: "bodies-in-the-ring-swept",
    rule: "6.8",
    disables: "Bodies of versions are swept that the ring still holds.",
    edits: [
      {
        file: collector,
        find: "return version <= row.version - living.ringSize",
        replace: "return version <= row.version",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage"] },
  },
  {
    name: "rows-never-swept",
    rule: "6.8",
    disables: "What slots of replaced generations show stays for ever.",
    edits: [
      {
        file: "runtime/savepoints/garbage-rows.ts",
        find: "generation < living.generation; generation++",
        replace: "generation < 1; generation++",
      },
    ],
    focus: { mission: "take-back" },
  },
  {
    name: "rows-of-the-living-swept",
    rule: "6.8",
    disables: "Collections take what slots of the living generation show, too.",
    edits: [
      {
        file: "runtime/savepoints/garbage-rows.ts",
        find: "generation < living.generation; generation++",
        replace: "generation <= living.generation; generation++",
      },
    ],
    focus: { mission: "take-back", faults: ["quick-garbage"] },
  },
  {
    name: "slow-readers-give-up",
    rule: "6.8",
    disables: "Who finds that an object has been swept does not look what the slot names now.",
    edits: [
      {
        file: "runtime/slot/catch-up.ts",
        find: "if (!isMissing(thrown) || !(await hasMovedOn(job, generation, { slot: slot.name, rank })))",
        replace: "if (isMissing(thrown) || hasMovedOn !== undefined)",
      },
    ],
    focus: {
      mission: "take-back",
      faults: ["quick-garbage", "overlap", "environment-zombie", "short-ring", "slow-objects"],
    },
    from: 60,
  },
];
