import type { Mutation } from "./mutation.ts";

/** Sections 6.6 and 6.7 of the protocol: restore, stop and drain. */
export const restoreMutations: readonly Mutation[] = [
  {
    name: "in-flight-not-replayed",
    rule: "6.6",
    disables: "A restore leaves out what was in flight.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "blocks: mapping.blocks([...(part.pending ?? []), ...inFlight]),",
        replace: "blocks: mapping.blocks([...(part.pending ?? []), ...inFlight.slice(0, 0)]),",
      },
    ],
    focus: { mission: "take-back" },
    from: 4,
  },
  {
    name: "pending-not-replayed",
    rule: "6.6",
    disables: "A restore leaves out what was pending when the job stopped.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "blocks: mapping.blocks([...(part.pending ?? []), ...inFlight]),",
        replace: "blocks: mapping.blocks([...inFlight]),",
      },
    ],
    focus: { mission: "stop" },
    from: 3,
  },
  {
    name: "upstream-blocks-first",
    rule: "6.6",
    disables: "Of what was in flight, blocks for earlier stages are applied first.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "(depth.get(right.stage) ?? 0) - (depth.get(left.stage) ?? 0)",
        replace: "(depth.get(left.stage) ?? 0) - (depth.get(right.stage) ?? 0)",
      },
    ],
    focus: { mission: "stop", shapes: ["two-key-bys"] },
    from: 5,
  },
  {
    name: "in-flight-after-records",
    rule: "6.6",
    disables: "What was in flight is applied after the first records.",
    edits: [
      {
        file: "runtime/slot/commit/cut.ts",
        find: 'if (phase === "replaying") {',
        replace:
          'if (\n    phase === "replaying" &&\n    input.exchange.every(({ sequence }) => isDone(image, sequence))\n  ) {',
      },
      {
        file: "runtime/slot/commit/cut.ts",
        find: 'return { kind: "step", input, isLast: !input.isPartial };',
        replace:
          'return { kind: "step", input, isLast: !input.isPartial && (image.pending.length === 0 || meta.stopping === true) };',
      },
    ],
    focus: { mission: "take-back" },
    from: 39,
  },
  {
    name: "in-flight-to-anybody",
    rule: "6.6",
    disables:
      "Each slot is given what was in flight to the slots that it overlaps, whoever owns it now.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "=> own.first <= group && group <= own.last;",
        replace: "=> group >= 0;",
      },
    ],
    focus: { mission: "take-back" },
    from: 39,
  },
  {
    name: "restored-cursor-lost",
    rule: "6.6",
    disables: "Restored sources begin at the beginning of their shards.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "cursor: resumes ? (resumed?.meta.cursor ?? {}) : {},",
        replace: "cursor: resumes && resumed === undefined ? image.meta.cursor : {},",
      },
    ],
    focus: { mission: "stop" },
  },
  {
    name: "restored-marks-kept",
    rule: "6.6",
    disables: "A restored slot keeps the receive marks of the generation before.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "    marks: {},\n",
        replace: "",
      },
    ],
    focus: { mission: "stop" },
    from: 2,
  },
  {
    name: "restored-fence-kept",
    rule: "6.6",
    disables: "A restored slot takes itself to be past the fence.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "pastFence: false,",
        replace: "pastFence: true,",
      },
    ],
    focus: { mission: "stop", faults: ["mapping-late"] },
    from: 4,
  },
  {
    name: "restored-state-not-cut",
    rule: "6.6",
    disables: "A restored slot loads the keys of others as well.",
    edits: [
      {
        file: "runtime/slot/image/load-image.ts",
        find: "if (part.clip === true)",
        replace: "if (part.clip === true && part.version < 0)",
      },
    ],
    focus: { mission: "stop" },
    from: 5,
  },
  {
    name: "restored-segments-shared",
    rule: "6.6",
    disables: "The first part of a restored slot goes on with segments that hold others' keys.",
    edits: [
      {
        file: "runtime/slot/commit/write-part.ts",
        find: "return before.clip === true ? undefined : before;",
        replace: "return before;",
      },
    ],
    focus: { mission: "stop", faults: ["short-ring"] },
    from: 5,
  },
  {
    name: "restore-overtakes",
    rule: "6.6",
    disables: "A restore publishes its generation whichever stands there.",
    edits: [
      {
        file: "runtime/job/generation.ts",
        find: 'after === undefined ? { kind: "absent" } : { kind: "rank", rank: rankOf(after) },',
        replace: '{ kind: "always" },',
      },
    ],
    focus: {
      mission: "take-back",
      shapes: ["keyed-count", "two-key-bys"],
      faults: ["command-doubled", "slow-objects"],
    },
    from: 148,
  },
  {
    name: "generation-number-used-twice",
    rule: "6.6",
    disables: "Two attempts to restore can have the same number.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "const next = Math.max(last, newest) + 1;",
        replace: "const next = Math.min(last, 0) + newest + 1;\n    if (next > 0) return next;",
      },
    ],
    focus: { mission: "take-back", faults: ["command-doubled", "operator-crash"] },
    from: 27,
  },
  {
    name: "stopping-raises-watermarks",
    rule: "6.7",
    disables: "A stopping slot raises watermarks and fires event-time timers.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "meta.stopping === true ? [] : program.subtasks.values()",
        replace: "program.subtasks.values()",
      },
    ],
    focus: { mission: "stop" },
    from: 28,
  },
  {
    name: "stopping-fires-timers",
    rule: "6.7",
    disables: "A stopping slot fires processing-time timers.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "const fires = run.meta.stopping !== true;",
        replace: "const fires = true;",
      },
    ],
    focus: { mission: "stop", shapes: ["timers"] },
  },
  {
    name: "stopping-applies-older-blocks",
    rule: "6.7",
    disables: "A stopping slot applies what comes off the wire.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "const end = meta.stopping === true ? block.count : applyBlock(run, block, { first, done });",
        replace: "const end = applyBlock(run, block, { first, done });",
      },
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "if (meta.stopping === true) draft.pendingAdded.push(taken);",
        replace: "",
      },
    ],
    focus: { mission: "stop" },
    from: 36,
  },
  {
    name: "stopped-sources-go-on",
    rule: "6.7",
    disables: "Source slots take records behind the cut of a stop.",
    edits: [
      {
        file: "runtime/slot/take-records.ts",
        find: 'const isStopped = phase === "drained" || (phase === "stopped" && read.isHelp !== true);',
        replace: 'const isStopped = phase === "sealed" && read.isHelp !== true;',
      },
    ],
    focus: { mission: "stop" },
  },
  {
    name: "stopped-sources-are-helped",
    rule: "6.7",
    disables: "A child reads on from a parent that was stopped, and seals it.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: 'if ((phase === "stopped" || phase === "drained") && !isBegun) throw stopped(parent);',
        replace: "void stopped;",
      },
      {
        file: "runtime/slot/takeover.ts",
        find: "isHelp: isBegun,",
        replace: "isHelp: isBegun || true,",
      },
    ],
    focus: { mission: "stop", faults: ["source-split", "source-merge", "child-before-parent"] },
    from: 28,
  },
  {
    name: "help-goes-on-behind-a-stop",
    rule: "6.7",
    disables: "A child that helps its parent goes on where that is stopped in the middle of it.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "isHelp: isBegun,",
        replace: "isHelp: isBegun || true,",
      },
    ],
    focus: {
      mission: "stop",
      faults: ["source-split", "source-merge", "child-before-parent", "slow-objects"],
    },
    from: 48,
  },
  {
    name: "pending-lost-at-takeover",
    rule: "6.7",
    disables: "A child does not take along what its parents kept pending.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "const pending = inheritPending(image, parents, giver);",
        replace: "const pending = inheritPending(image, parents.slice(0, 0), giver);",
      },
    ],
    focus: { mission: "stop", faults: ["exchange-split", "exchange-merge"] },
    from: 3,
  },
  {
    name: "closed-epoch-restored",
    rule: "6.6",
    disables: "A slot that was restored takes the frames of its first epochs for repetitions.",
    edits: [
      {
        file: "runtime/savepoints/restore.ts",
        find: "    closedEpoch: __,\n",
        replace: "",
      },
    ],
    focus: { mission: "stop" },
    from: 2,
  },
];
