import type { Mutation } from "./mutation.ts";

/** Section 4 of the protocol: frames, marks, watermarks, the end. */
export const exchangeMutations: readonly Mutation[] = [
  {
    name: "landing-not-confirmed",
    rule: "4.2",
    disables: "A block counts as delivered wherever it landed.",
    edits: [
      {
        file: "runtime/exchange/put-frames.ts",
        find: "if (result.shardId !== shardId) moved.push",
        replace: "if (!result.put) moved.push",
      },
    ],
    focus: { faults: ["exchange-split", "put-into-split"] },
    from: 3,
  },
  {
    name: "refused-records-forgotten",
    rule: "4.2",
    disables: "Frames that the stream refused count as delivered.",
    edits: [
      {
        file: "runtime/exchange/put-frames.ts",
        find: "if (result?.put !== true) refused.push(...frame.blocks.filter(isForGroup));",
        replace: "if (result?.put !== true) reached.add(shardId);",
      },
    ],
    focus: { faults: ["put-in-part"] },
    from: 3,
  },
  {
    name: "landing-in-an-unlisted-shard",
    rule: "4.2",
    disables: "What landed in a shard that no list shows yet counts as delivered.",
    edits: [
      {
        file: "runtime/exchange/send-frames.ts",
        find: "(listed) => listsAll(listed, landedIn)",
        replace: "(listed) => listsAll(listed, landedIn.slice(0, 0))",
      },
      {
        file: "runtime/exchange/send-frames.ts",
        find: "if (landed === undefined) return blocks;",
        replace: "if (landed === undefined) return [];",
      },
    ],
    focus: { faults: ["exchange-split", "put-into-split", "list-old"] },
    from: 20,
  },
  {
    name: "marks-not-kept",
    rule: "4.3",
    disables: "A slot does not remember which versions it has applied.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "draft.marks.set(frame.slot, raised);",
        replace: "void raised;",
      },
    ],
    focus: {
      shapes: ["keyed-count", "two-key-bys"],
      faults: ["writer-answer-lost", "environment-crash"],
    },
    from: 2,
  },
  {
    name: "older-frames-again",
    rule: "4.3",
    disables:
      "A frame of an epoch of which all has come is not taken for a repetition, although its sender's marks are gone.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "if (frame.epoch < draft.closedEpoch) return true;",
        replace: "if (frame.epoch < draft.closedEpoch * 0) return true;",
      },
    ],
    focus: {
      shapes: ["keyed-count", "two-key-bys"],
      faults: ["writer-arrives-late", "environment-zombie"],
      mission: "checkpoints",
    },
    from: 76,
  },
  {
    name: "marks-of-the-epoch-dropped",
    rule: "4.3",
    disables:
      "When an epoch is closed all marks go, also those of slots that have sent something of it.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "if (slot !== program.slot && !draft.senders.has(slot)) marks.delete(slot);",
        replace: "if (slot !== program.slot) marks.delete(slot);",
      },
    ],
    focus: {
      shapes: ["keyed-count", "two-key-bys"],
      faults: ["writer-answer-lost", "writer-arrives-late", "environment-zombie"],
      mission: "checkpoints",
    },
    from: 87,
  },
  {
    name: "marks-by-sender",
    rule: "4.3",
    disables: "A frame raises its sender's mark for all of the receiver's groups.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "step.groups === undefined ? undefined : intersect({ first, last }, step.groups);",
        replace:
          "first <= last ? step.groups : intersect({ first, last }, step.groups as GroupRange);",
      },
    ],
    focus: { faults: ["exchange-merge", "exchange-split", "put-in-part"] },
    from: 17,
  },
  {
    name: "foreign-groups-applied",
    rule: "4.3",
    disables: "A block is applied by any slot in whose shard it landed.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "if (element <= done || !isFor(step, block)) continue;",
        replace: "if (element <= done || step.groups === undefined) continue;",
      },
    ],
    focus: { faults: ["exchange-split", "put-into-split"] },
    from: 3,
  },
  {
    name: "marks-lost-at-takeover",
    rule: "4.3",
    disables: "A child does not take its parents' marks along.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "marks[slot] = [...(marks[slot] ?? []), ...clipped].toSorted(",
        replace: "void [...(marks[slot] ?? []), ...clipped].toSorted(",
      },
    ],
    focus: {
      faults: ["exchange-split", "exchange-merge", "writer-answer-lost", "environment-crash"],
    },
    from: 3,
  },
  {
    name: "block-without-its-input",
    rule: "4.1",
    disables: "A block names the input of its stage.",
    edits: [
      {
        file: "runtime/exchange/outgoing-blocks.ts",
        find: "...(block.input > 0 && { input: block.input }),",
        replace: "",
      },
    ],
    focus: { shapes: ["connect"] },
  },
  {
    name: "slice-without-its-input",
    rule: "4.1",
    disables: "What is left of a block that was taken in part is for the same input.",
    edits: [
      {
        file: "runtime/exchange/frame.ts",
        find: "return { ...block, count: end - first, elements };",
        replace:
          "const { input: _, ...rest } = block;\n  return { ...rest, count: end - first, elements };",
      },
    ],
    focus: { shapes: ["connect"] },
    from: 138,
  },
  {
    name: "marks-not-cut",
    rule: "5.1",
    disables: "A child takes its parents' marks along for groups that they did not own.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "const clipped = clipMarks(clipMarks(ranges, theirs), own);",
        replace: "const clipped = ranges;",
      },
    ],
    focus: { faults: ["exchange-split", "exchange-merge", "writer-answer-lost", "put-into-split"] },
    from: 21,
  },
  {
    name: "own-groups-overtake-the-wire",
    rule: "4.4",
    disables:
      "What goes to an own group always stays in the slot, also while older blocks are on the wire.",
    edits: [
      {
        file: "runtime/slot/step/run-step.ts",
        find: "if (onTheWire.length === 0) return",
        replace: "if (onTheWire.length >= 0) return",
      },
    ],
    focus: { shapes: ["two-key-bys"], faults: ["exchange-split", "exchange-merge"] },
    from: 2,
  },
  {
    name: "child-serves-itself-at-once",
    rule: "4.4",
    disables: "A takeover takes nothing of its own groups to be on the wire.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "[[groups.first, groups.last, version]]",
        replace: "[[groups.first, groups.last, 0]]",
      },
    ],
    focus: { shapes: ["two-key-bys"], faults: ["exchange-split", "exchange-merge"] },
    from: 2,
  },
  {
    name: "wire-decided-anew",
    rule: "4.4",
    disables:
      "Whether an own group is served over the wire is decided for each element, not once for a batch.",
    edits: [
      {
        file: "runtime/slot/step/run-step.ts",
        find: "return startRun({ program, meta, input, budget });",
        replace:
          "const run = startRun({ program, meta, input, budget });\n  if (own !== undefined)\n    program.staysHere = (group) =>\n      staysHere({ ...image, meta: { ...meta, marks: Object.fromEntries(run.draft.marks) } }, own)(group);\n  return run;",
      },
    ],
    focus: { shapes: ["two-key-bys"], faults: ["exchange-split", "exchange-merge"] },
    from: 2,
  },
  {
    name: "frames-of-any-generation",
    rule: "4.5",
    disables: "Frames of another generation are applied.",
    edits: [
      {
        file: "runtime/slot/step/slot-input.ts",
        find: "sent.job !== plan.job || sent.generation !== generation.generation",
        replace:
          'sent.job !== plan.job || (kind === "tick" && sent.generation !== generation.generation)',
      },
    ],
    focus: { mission: "take-back" },
  },
  {
    name: "ticks-of-any-generation",
    rule: "4.5",
    disables: "Ticks of another generation are applied.",
    edits: [
      {
        file: "runtime/slot/step/slot-input.ts",
        find: "sent.job !== plan.job || sent.generation !== generation.generation",
        replace:
          'sent.job !== plan.job || (kind !== "tick" && sent.generation !== generation.generation)',
      },
    ],
    focus: { mission: "take-back", shapes: ["keyed-count", "two-key-bys"] },
    from: 4,
  },
  {
    name: "checksums-not-looked-at",
    rule: "4.5",
    disables: "Damaged bytes are opened as if they were as they had been written.",
    edits: [
      {
        file: "runtime/serde/envelope.ts",
        find: "if (isDamaged(kind, bytes)) throw corrupt(kind, bytes, { about });",
        replace: "void isDamaged;",
      },
    ],
    focus: { faults: ["object-damaged", "frames-in-objects"] },
  },
  {
    name: "ticks-lower",
    rule: "4.7",
    disables: "A late tick takes a watermark back.",
    edits: [
      {
        file: "runtime/slot/step/step-timers.ts",
        find: "if (watermarkMs <= subtask.watermarkMs) return;",
        replace: "if (watermarkMs === subtask.watermarkMs) return;",
      },
      {
        file: "runtime/operators/subtask.ts",
        find: "if (watermarkMs <= this.watermarkMs) return;",
        replace: "if (watermarkMs === this.watermarkMs) return;",
      },
    ],
    focus: { faults: ["coordinator-zombie", "coordinator-twice", "writer-arrives-late"] },
    from: 33,
  },
  {
    name: "ancestors-do-not-speak",
    rule: "4.7",
    disables: "Nobody speaks for a shard that has no slot yet, and its region counts as complete.",
    edits: [
      {
        file: "runtime/coordinator/regions.ts",
        find: "speaking.add(ancestor);",
        replace: "void ancestor;",
      },
      {
        file: "runtime/coordinator/regions.ts",
        find: "complete: covers(slots.map(({ range }) => range))",
        replace: "complete: covers(progress.map(({ range }) => range))",
      },
    ],
    focus: {
      shapes: ["tumbling", "sliding", "session", "keyed-count"],
      faults: ["source-split", "source-merge", "child-before-parent"],
    },
    from: 11,
  },
  {
    name: "incomplete-regions-of-a-stale-list",
    rule: "4.7",
    disables:
      "A watermark is concluded from a stale list of shards although it leaves regions open.",
    edits: [
      {
        file: "runtime/coordinator/shard-lists.ts",
        find: "if (isRecent && [...lists].every(([stream, shards]) => fits(stream, shards))) return lists;",
        replace: "void fits;\n    if (isRecent) return lists;",
      },
      {
        file: "runtime/coordinator/stage-watermarks.ts",
        find: "if (region === undefined || !region.complete) return noWatermark;",
        replace: "if (region === undefined) return noWatermark;",
      },
      {
        file: "runtime/coordinator/round.ts",
        find: "if (!complete || !slots.every((slot) => isDone(slot, stages))) return false;",
        replace: "if (!slots.every((slot) => isDone(slot, stages))) return false;",
      },
    ],
    focus: {
      shapes: ["tumbling", "sliding", "session", "keyed-count"],
      faults: ["source-split", "source-merge", "child-before-parent"],
    },
    from: 15,
  },
  {
    name: "minimum-is-maximum",
    rule: "4.7",
    disables: "A stage's watermark is the highest of what its upstream slots have delivered.",
    edits: [
      {
        file: "runtime/exchange/watermark.ts",
        find: "ms: Math.min(...active.map(({ ms }) => ms))",
        replace: "ms: Math.max(...active.map(({ ms }) => ms))",
      },
    ],
  },
  {
    name: "timers-do-not-hold-the-end",
    rule: "4.8",
    disables: "A stage passes +infinity on while processing-time timers of it may still emit.",
    edits: [
      {
        file: "runtime/slot/step/step-meta.ts",
        find: "(watermarkMs === Number.POSITIVE_INFINITY && Number.isFinite(subtask.firstProcessingMs()));",
        replace:
          "(watermarkMs === Number.NEGATIVE_INFINITY && Number.isFinite(subtask.firstProcessingMs()));",
      },
    ],
    focus: { shapes: ["timers"] },
    from: 13,
  },
  {
    name: "end-with-timers-left",
    rule: "4.8",
    disables: "A job ends, and passes +infinity on, although processing-time timers are left.",
    edits: [
      {
        file: "runtime/slot/step/step-meta.ts",
        find: "(watermarkMs === Number.POSITIVE_INFINITY && Number.isFinite(subtask.firstProcessingMs()));",
        replace:
          "(watermarkMs === Number.NEGATIVE_INFINITY && Number.isFinite(subtask.firstProcessingMs()));",
      },
      {
        file: "runtime/coordinator/round.ts",
        find: "slot.nextTimerMs === undefined &&",
        replace: "slot.version >= 0 &&",
      },
    ],
    focus: { shapes: ["timers"] },
    from: 13,
  },
  {
    name: "end-before-children-are-read",
    rule: "4.8",
    disables:
      "A source slot has ended when its shard is closed and read, although the shard has children.",
    edits: [
      {
        file: "runtime/slot/look-for-itself.ts",
        find: "(await isEndOfStream(image, read))",
        replace: "((await isEndOfStream(image, read)) || isLast)",
      },
    ],
    focus: { faults: ["source-split", "source-merge"] },
    from: 84,
  },
];
