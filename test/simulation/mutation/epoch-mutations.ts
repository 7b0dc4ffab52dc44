import type { Mutation } from "./mutation.ts";

/** Sections 6.1 to 6.5 of the protocol: epochs. */
export const epochMutations: readonly Mutation[] = [
  {
    name: "in-flight-recorded-twice",
    rule: "6.3",
    disables:
      "Where a step goes on inside of a block, its elements are recorded from the first on.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "const start = Math.max(0, done - first);",
        replace: "const start = 0;",
      },
    ],
    focus: {
      shapes: ["keyed-count", "tumbling", "session", "two-key-bys"],
      mission: "checkpoints",
      faults: ["environment-zombie", "overlap"],
    },
    from: 26,
  },
  {
    name: "epochs-row-overwritten",
    rule: "6.1",
    disables: "The row of the epochs is written whatever stands there.",
    edits: [
      {
        file: "runtime/checkpoint/epochs.ts",
        find: 'read.rank === undefined ? { kind: "absent" } : { kind: "rank", rank: read.rank },',
        replace: '{ kind: "always" },',
      },
    ],
    focus: {
      mission: "checkpoints",
      faults: ["coordinator-zombie", "coordinator-twice", "control-arrives-late"],
    },
    from: 54,
  },
  {
    name: "epoch-number-used-again",
    rule: "6.1",
    disables: "An epoch that expired gives its number to the next one.",
    edits: [
      {
        file: "runtime/coordinator/epoch-round.ts",
        find: "const number = Math.max(epochs.newest?.number ?? 0, ...progress.map(({ epoch }) => epoch)) + 1;",
        replace:
          'const number =\n    epochs.newest?.status === "expired"\n      ? epochs.newest.number\n      : Math.max(epochs.newest?.number ?? 0, ...progress.map(({ epoch }) => epoch)) + 1;',
      },
    ],
    focus: {
      mission: "stop",
      faults: ["exchange-split", "exchange-merge", "source-split", "source-merge"],
    },
    from: 2,
  },
  {
    name: "cut-after-newer",
    rule: "6.2",
    disables: "A slot takes the first frame or tick of a newer epoch before it cuts.",
    edits: [
      {
        file: "runtime/slot/commit/cut.ts",
        find: "if (elementsDone(meta.cursor, record.sequence) === Number.POSITIVE_INFINITY) continue;",
        replace: "",
      },
      {
        file: "runtime/slot/commit/cut.ts",
        find: "input.exchange.slice(0, index);",
        replace: "input.exchange.slice(0, index + 1);",
      },
    ],
    focus: { mission: "take-back" },
    from: 47,
  },
  {
    name: "frames-without-colour",
    rule: "6.2",
    disables: "Frames carry no epoch.",
    edits: [
      {
        file: "runtime/slot/commit/deliver.ts",
        find: "epoch: body.meta.epoch,",
        replace: "epoch: Math.min(body.meta.epoch, 0),",
      },
    ],
    focus: { mission: "take-back" },
    from: 2,
  },
  {
    name: "ticks-without-colour",
    rule: "6.2",
    disables: "Ticks carry no epoch.",
    edits: [
      {
        file: "runtime/coordinator/send-ticks.ts",
        find: "    ...content,\n",
        replace: "    ...content,\n    epoch: 0,\n",
      },
    ],
    focus: { mission: "take-back" },
    from: 12,
  },
  {
    name: "part-of-a-later-version",
    rule: "6.2",
    disables: "Any part that is written behind the cut counts as the state at the cut.",
    edits: [
      {
        file: "runtime/slot/image/cut-meta.ts",
        find: "part?.version === meta.cut.version",
        replace: "part !== undefined && part.version >= meta.cut.version",
      },
      {
        file: "runtime/slot/image/cut-meta.ts",
        find: "cut === undefined || part === undefined ? undefined : { ...cut, part };",
        replace:
          "cut === undefined ? undefined : { ...cut, ...(part === undefined ? {} : { part }) };",
      },
    ],
    focus: {
      mission: "take-back",
      faults: ["throttled-objects", "object-unwritten", "short-ring"],
    },
    from: 69,
  },
  {
    name: "part-before-the-cut",
    rule: "6.2",
    disables: "The part of a cut is written before the cut's commit has won.",
    edits: [
      {
        file: "runtime/slot/commit/cut.ts",
        find: 'const row = await appendBody(environment, image, { kind: "commit", body });',
        replace:
          'image.meta = body.meta;\n  await writePartIfDue(environment, image);\n  const row = await appendBody(environment, image, { kind: "commit", body });',
      },
      {
        file: "runtime/slot/commit/cut.ts",
        find: 'import { bodyOfMeta } from "../image/commit-body.ts";',
        replace:
          'import { bodyOfMeta } from "../image/commit-body.ts";\nimport { writePartIfDue } from "./write-part.ts";',
      },
    ],
    focus: { mission: "checkpoints" },
  },
  {
    name: "part-of-the-cut-forgotten",
    rule: "6.2",
    disables: "The commit behind a cut does not name the cut's part.",
    edits: [
      {
        file: "runtime/slot/image/cut-meta.ts",
        find: "cut === undefined || part === undefined ? undefined : { ...cut, part };",
        replace: "cut === undefined || part === undefined ? undefined : { ...cut };",
      },
    ],
    focus: { mission: "take-back" },
    from: 80,
  },
  {
    name: "in-flight-not-recorded",
    rule: "6.3",
    disables: "Blocks of an older epoch that come behind the cut are not recorded.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "if (inFlight) draft.recorded.push(taken);",
        replace: "void inFlight;",
      },
    ],
    focus: { mission: "take-back" },
    from: 4,
  },
  {
    name: "duplicates-recorded",
    rule: "6.3",
    disables: "Blocks of an older epoch are recorded also where they come for the second time.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "if (mark >= frame.version) continue;",
        replace:
          "if (mark >= frame.version) {\n      if (inFlight && block.count > 0) draft.recorded.push(block);\n      continue;\n    }",
      },
    ],
    focus: { mission: "take-back", faults: ["writer-answer-lost", "environment-crash"] },
    from: 55,
  },
  {
    name: "recorded-lost-with-memory",
    rule: "6.3",
    disables: "What was recorded is kept in memory only.",
    edits: [
      {
        file: "runtime/slot/image/load-image.ts",
        find: "image.recorded = part.recorded ?? [];",
        replace: "image.recorded = [];",
      },
      {
        file: "runtime/slot/commit/body-of-step.ts",
        find: "...(recorded.length === 0 ? {} : { recorded }),",
        replace: "...(recorded.length >= 0 ? {} : { recorded }),",
      },
    ],
    focus: { mission: "take-back", faults: ["environment-crash", "short-ring"] },
    from: 4,
  },
  {
    name: "closed-too-early",
    rule: "6.3",
    disables: "An epoch is closed when one slot of each stream has cut for it.",
    edits: [
      {
        file: "runtime/coordinator/epoch-round.ts",
        find: "complete && slots.every((slot) => slot.epoch >= epoch)",
        replace: "complete && (slots.length === 0 || slots.some((slot) => slot.epoch >= epoch))",
      },
    ],
    focus: { mission: "take-back" },
    from: 28,
  },
  {
    name: "closed-by-sources-alone",
    rule: "6.3",
    disables: "An epoch is closed when the sources have cut for it.",
    edits: [
      {
        file: "runtime/coordinator/epoch-round.ts",
        find: "return [...sources.values(), exchange].every(",
        replace: "void exchange;\n  return [...sources.values()].every(",
      },
    ],
    focus: { mission: "take-back", shapes: ["two-key-bys"] },
    from: 3,
  },
  {
    name: "complete-without-closed",
    rule: "6.3",
    disables: "An exchange slot's share is complete although older blocks may come.",
    edits: [
      {
        file: "runtime/slot/commit/publish-progress.ts",
        find: "return { epoch, part, complete: closed,",
        replace: "return { epoch, part, complete: closed || !closed,",
      },
    ],
    focus: { mission: "take-back" },
    from: 4,
  },
  {
    name: "manifest-overwrites",
    rule: "6.4",
    disables: "A manifest or tombstone is written although there is one.",
    edits: [
      {
        file: "runtime/checkpoint/manifest.ts",
        find: "ports.objects.put(key, data, { ifAbsent: true })",
        replace: "ports.objects.put(key, data)",
      },
    ],
    focus: {
      mission: "checkpoints",
      faults: ["coordinator-zombie", "coordinator-twice", "object-arrives-late"],
    },
    from: 169,
  },
  {
    name: "tombstones-of-epochs-left-out",
    rule: "6.4",
    disables: "An epoch that expires leaves no tombstone.",
    edits: [
      {
        file: "runtime/coordinator/epoch-end.ts",
        find: "await putManifest<Tombstone>(job.ports, tombstone)",
        replace: "tombstone",
      },
    ],
    focus: { mission: "checkpoints", faults: ["coordinator-zombie", "coordinator-twice"] },
    from: 7,
  },
  {
    name: "tiling-not-checked",
    rule: "6.4",
    disables: "An epoch is complete as soon as one share of it is.",
    edits: [
      {
        file: "runtime/coordinator/epoch-shares.ts",
        find: "return isWhole ? shares : undefined;",
        replace: "return isWhole || shares.length > 0 ? shares : undefined;",
      },
    ],
    focus: { mission: "take-back" },
    from: 2,
  },
  {
    name: "child-keeps-the-cut",
    rule: "6.5",
    disables: "A child takes its parent's cut for its own.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "...inheritStart(metas),",
        replace:
          "...inheritStart(metas),\n    ...(metas[0]?.cut === undefined ? {} : { cut: metas[0].cut }),",
      },
    ],
    focus: {
      mission: "take-back",
      faults: ["source-split", "source-merge", "exchange-split", "exchange-merge"],
    },
    from: 25,
  },
  {
    name: "child-epoch-minimum",
    rule: "6.5",
    disables: "A child begins with the lowest epoch of its parents.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "epoch: Math.max(...metas.map((meta) => meta.epoch)),",
        replace: "epoch: Math.min(...metas.map((meta) => meta.epoch)),",
      },
    ],
    focus: {
      mission: "checkpoints",
      faults: ["source-merge", "exchange-merge", "child-before-parent"],
    },
    from: 41,
  },
];
