import type { Mutation } from "./mutation.ts";

const reshards = ["source-split", "source-merge", "exchange-split", "exchange-merge"] as const;

/** Section 5 of the protocol: takeovers, seals, publication, slots that nobody invokes. */
export const reshardMutations: readonly Mutation[] = [
  {
    name: "helping-left-out",
    rule: "5.1",
    disables: "A child seals its parents without reading them to their end.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "if (read.records.length > 0 && !hasEnded) {",
        replace: "if (read.records.length < 0) {",
      },
      {
        file: "runtime/slot/takeover.ts",
        find: "} else if ((read.ended || hasEnded) && !(await seal(environment, parent))) {",
        replace: "} else if (hasEnded || !(await seal(environment, parent))) {",
      },
    ],
    focus: { faults: [...reshards, "child-before-parent"] },
    from: 2,
  },
  {
    name: "child-version-from-one",
    rule: "5.1",
    disables: "A child's versions begin at one again.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "const version = Math.max(...metas.map((meta) => meta.version)) + 1;",
        replace: "const version = 1;",
      },
    ],
    focus: { faults: reshards },
  },
  {
    name: "child-version-above-one-parent",
    rule: "5.1",
    disables: "A child's versions begin above the lowest of its parents' only.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "const version = Math.max(...metas.map((meta) => meta.version)) + 1;",
        replace: "const version = Math.min(...metas.map((meta) => meta.version)) + 1;",
      },
    ],
    focus: { faults: reshards },
  },
  {
    name: "state-not-cut",
    rule: "5.1",
    disables: "A child takes all of its parents' state along.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "ownsKeyOf(subtask.stage.kind, image.meta, image.job),",
        replace: "() => true,",
      },
    ],
    focus: { shapes: ["keyed-count", "aligned", "tumbling"], faults: reshards },
  },
  {
    name: "state-of-one-parent",
    rule: "5.1",
    disables: "A child takes the state of only one of its parents along.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "for (const parent of parents) {\n    inheritState(image, parent);",
        replace: "for (const parent of parents.slice(0, 1)) {\n    inheritState(image, parent);",
      },
    ],
    focus: { shapes: ["keyed-count", "aligned", "tumbling"], faults: reshards },
    from: 3,
  },
  {
    name: "aligned-keys-by-group",
    rule: "5.1",
    disables: "Keys of aligned stages go by their group's first position, not by their own.",
    edits: [
      {
        file: "runtime/job/ownership.ts",
        find: 'if (kind === "aligned")',
        replace: 'if (kind === "aligned" && range.firstHash === "")',
      },
    ],
    focus: { shapes: ["aligned"], faults: ["source-split", "source-merge"] },
    from: 5,
  },
  {
    name: "seals-left-out",
    rule: "5.2",
    disables: "A parent's log is left open when its child takes over.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "} else if ((read.ended || hasEnded) && !(await seal(environment, parent))) {",
        replace:
          "} else if ((read.ended || hasEnded) && seal !== undefined) {\n      return parent;",
      },
    ],
    focus: { faults: reshards },
  },
  {
    name: "sealed-slot-goes-on",
    rule: "5.2",
    disables: "A sealed slot processes what it is handed.",
    edits: [
      {
        file: "runtime/slot/process-batch.ts",
        find: "if (image.sealed) return {};\n    if (lacksPartOfCut(image))",
        replace: "if (lacksPartOfCut(image))",
      },
      {
        file: "runtime/slot/process-batch.ts",
        find: "if (open.sealed) return {};",
        replace: "void open.sealed;",
      },
      {
        file: "runtime/slot/take-records.ts",
        find: "if (image.sealed) return { image };",
        replace: "void image.sealed;",
      },
    ],
    focus: {
      shapes: ["timers", "two-key-bys", "aligned"],
      faults: [...reshards, "redelivery", "overlap"],
    },
    from: 23,
  },
  {
    name: "overdue-outputs-left-out",
    rule: "5.3",
    disables: "A parent is sealed although its last version may not be delivered.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "(await catchUp(environment, generation, parentSlot)) ??",
        replace:
          "(await catchUp(\n        { ...environment, sender: { send: () => Promise.resolve() } },\n        generation,\n        parentSlot,\n      )) ??",
      },
    ],
    focus: {
      shapes: ["keyed-count", "two-key-bys", "tumbling"],
      faults: [...reshards, "environment-crash", "child-before-parent"],
    },
    from: 13,
  },
  {
    name: "foreign-shards-begin-anew",
    rule: "5.4",
    disables: "A shard that does not descend from the generation's slots gets a slot.",
    focus: { mission: "take-back", faults: ["source-split", "source-merge"] },
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "    foreign.add(slot.shardId);\n    return undefined;",
        replace: "    return emptyImage(environment.job, generation, slot, shard);",
      },
    ],
    from: 36,
  },
  {
    name: "published-before-progress",
    rule: "5.5",
    disables: "A generation is published before the progress rows of its slots are written.",
    edits: [
      {
        file: "runtime/job/generation.ts",
        find: "await writeProgress(\n        ports,",
        replace: "void writeProgress(\n        ports,",
      },
      {
        file: "runtime/job/generation.ts",
        find: "startingProgress(slot, range, ports.clock.nowMs()),\n      );",
        replace:
          "startingProgress(slot, range, ports.clock.nowMs()),\n      ).catch(() => undefined);",
      },
    ],
    focus: {
      faults: [
        "control-unwritten",
        "throttled-control",
        "control-arrives-late",
        "coordinator-crash",
      ],
    },
    from: 4,
  },
  {
    name: "published-twice",
    rule: "5.5",
    disables: "The first generation is published although there is one.",
    edits: [
      {
        file: "runtime/job/generation.ts",
        find: 'rowOf(plan.job, published), { kind: "absent" }',
        replace: 'rowOf(plan.job, published), { kind: "always" }',
      },
    ],
    focus: { faults: ["coordinator-zombie", "coordinator-twice", "control-arrives-late"] },
    from: 149,
  },
  {
    name: "all-shards-start",
    rule: "5.5",
    disables:
      "Each shard that is listed starts with a slot of its own, also a child of a listed one.",
    edits: [
      {
        file: "runtime/job/generation.ts",
        find: "!parents.some((parent) => listed.has(parent))",
        replace: "parents.length + listed.size > 0",
      },
    ],
    focus: { faults: reshards },
    from: 5,
  },
  {
    name: "quiet-sources-not-invoked",
    rule: "5.6",
    disables: "The coordinator invokes no source slots.",
    edits: [
      {
        file: "runtime/coordinator/source-invocations.ts",
        find: "if (needsLook || mayBeIdle || isToEmit || isNeeded) started.push(start(source, nowMs));",
        replace: "void [needsLook, mayBeIdle, isToEmit, isNeeded, start];",
      },
    ],
  },
  {
    name: "source-takes-the-faster-parent",
    rule: "5.1",
    disables: "A source's slot behind a merge begins with the event time of the faster parent.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "Math.min(...sources.map(({ maxTimestampMs }) => maxTimestampMs))",
        replace: "Math.max(...sources.map(({ maxTimestampMs }) => maxTimestampMs))",
      },
    ],
    focus: { faults: ["source-merge"] },
  },
  {
    name: "inherited-marks-unsorted",
    rule: "5.1",
    disables:
      "A child takes its parents' marks along as they come, not in the order of their groups.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "([left], [right]) => left - right,",
        replace: "([left], [right]) => Number(left > right) * 0,",
      },
    ],
    focus: { faults: ["exchange-merge", "merge-swapped", "writer-answer-lost", "put-reordered"] },
    from: 12,
  },
  {
    name: "unlisted-is-foreign",
    rule: "5.4",
    disables: "A batch of a shard that no list shows yet is passed over.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "if (!listed.has(slot.shardId)) throw unlisted(slot);",
        replace: "if (!listed.has(slot.shardId)) return void unlisted(slot) as undefined;",
      },
    ],
    focus: { faults: [...reshards, "list-old"] },
    from: 17,
  },
];
