import type { Mutation } from "./mutation.ts";

/** Section 3 of the protocol: the commit log, delivery, progress, parts, the gap. */
export const logMutations: readonly Mutation[] = [
  {
    name: "log-trusted-blindly",
    rule: "3.0",
    disables: "Neither the row of the remembered version nor a hole behind it is looked at.",
    edits: [
      {
        file: "runtime/slot/catch-up.ts",
        find: "if (own === undefined || own.nonce !== image.nonce) return undefined;",
        replace: "if (own === undefined) return undefined;",
      },
      {
        file: "runtime/slot/image/load-image.ts",
        find: "if (row.version !== next) break;",
        replace: "if (row.version < next) break;",
      },
      {
        file: "runtime/slot/image/load-image.ts",
        find: "next += 1;",
        replace: "next = row.version + 1;",
      },
    ],
    focus: { faults: ["short-ring", "overlap"] },
    from: 4,
  },
  {
    name: "memory-kept-after-errors",
    rule: "3.0",
    disables: "An error in mid-batch leaves the environment's memory of the slot as it is.",
    edits: [
      { file: "runtime/slot/process-batch.ts", find: "images.clear();", replace: "void images;" },
    ],
    focus: { faults: ["throttled-log", "log-unwritten"] },
    from: 2,
  },
  {
    name: "generation-not-read",
    rule: "3.0",
    disables: "An environment reads the generation row once, and then never again.",
    edits: [
      {
        file: "runtime/slot/process-batch.ts",
        find: "const generation = await readGeneration(ports, plan.job);",
        replace:
          "const generation = remembered.get(environment) ?? (await readGeneration(ports, plan.job));\n  if (generation !== undefined) remembered.set(environment, generation);",
      },
      {
        file: "runtime/slot/process-batch.ts",
        find: "const selfReadRoundsMax = 50;",
        replace:
          "const selfReadRoundsMax = 50;\nconst remembered = new WeakMap<SlotEnvironment, Generation>();",
      },
    ],
    focus: { mission: "take-back" },
    from: 17,
  },
  {
    name: "image-in-hand-evicted",
    rule: "3.0",
    disables: "Images that are in the hand of an invocation are evicted like others.",
    edits: [
      {
        file: "runtime/slot/image/slot-images.ts",
        find: "if (this.#inHand.has(image)) return false;",
        replace: "",
      },
    ],
    from: 7,
  },
  {
    name: "nothing-evicted",
    rule: "3.0",
    disables: "Images stay however full the heap is.",
    edits: [
      {
        file: "runtime/slot/image/heap-guard.ts",
        find: "if (evicted === 0) return;",
        replace: "if (evicted >= 0) return;",
      },
      {
        file: "runtime/slot/image/slot-images.ts",
        find: "if (leftBytes <= 0) break;",
        replace: "if (leftBytes <= 0 || share > 0) break;",
      },
    ],
    from: 8,
  },
  {
    name: "no-clear-stop",
    rule: "3.0",
    disables: "A slot goes on although the heap is full with it alone.",
    edits: [
      {
        file: "runtime/slot/image/heap-guard.ts",
        find: "aliveAbove(image.job.ports.heap, stopShare)",
        replace: "aliveAbove(image.job.ports.heap, stopShare * 1e9)",
      },
    ],
    focus: { faults: ["little-memory"] },
    from: 2,
  },
  {
    name: "garbage-taken-for-state",
    rule: "3.0",
    disables: "Garbage is collected before a slot is stopped.",
    edits: [
      {
        file: "runtime/slot/image/heap-guard.ts",
        find: "  heap.collect();\n",
        replace: "",
      },
    ],
    focus: { faults: ["little-memory"] },
  },
  {
    name: "cursor-not-skipped",
    rule: "3.1",
    disables: "Records at or below the cursor are processed again.",
    edits: [
      {
        file: "runtime/job/slot-meta.ts",
        find: "if (cursor.sequence === undefined) return 0;",
        replace: "if (cursor !== undefined) return 0;",
      },
    ],
  },
  {
    name: "elements-not-counted",
    rule: "3.1",
    disables: "The count of elements inside of the cursor's record is ignored.",
    edits: [
      {
        file: "runtime/job/slot-meta.ts",
        find: "return order > 0 ? 0 : (cursor.elements ?? Number.POSITIVE_INFINITY);",
        replace:
          "return order > 0 || cursor.elements !== undefined ? 0 : Number.POSITIVE_INFINITY;",
      },
    ],
    from: 2,
  },
  {
    name: "fencing-left-out",
    rule: "3.3",
    disables: "A commit whose place is taken counts as won.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: "outcome.found?.nonce === row.nonce",
        replace: "outcome.found !== undefined",
      },
    ],
    from: 4,
  },
  {
    name: "lost-step-not-undone",
    rule: "3.3",
    disables: "What a step that lost its race did to memory stays.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: 'undoStep(image);\n    return { kind: "lost" };',
        replace: 'return { kind: "lost" };',
      },
    ],
    focus: { faults: ["overlap"] },
    from: 50,
  },
  {
    name: "body-name-without-nonce",
    rule: "3.3",
    disables: "The object of a large body is named by slot and version alone.",
    edits: [
      {
        file: "runtime/slot/image/commit-body.ts",
        find: "objectNames.body({ ...header.place, version, id: nonce })",
        replace: 'objectNames.body({ ...header.place, version, id: "" })',
      },
    ],
    focus: { faults: ["overlap"] },
  },
  {
    name: "delivered-before-commit",
    rule: "3.4",
    disables: "A step's outputs are sent before its commit has won.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: 'const row = await appendBody(environment, image, { kind: "commit", body });',
        replace:
          'await deliver(environment, image, { version: body.meta.version, body, isAgain: false });\n  const row = await appendBody(environment, image, { kind: "commit", body });',
      },
    ],
  },
  {
    name: "not-redelivered",
    rule: "3.4",
    disables: "A version that is not known to be delivered is not delivered again before the next.",
    edits: [
      {
        file: "runtime/slot/catch-up.ts",
        find: "if (row.version <= delivered) continue;",
        replace: "if (row.version <= delivered || body !== undefined) continue;",
      },
    ],
    focus: { faults: ["environment-crash"] },
  },
  {
    name: "delivery-not-awaited",
    rule: "3.4",
    disables: "The next version is stepped while the one before is still being delivered.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: "await deliver(environment, image, { version: image.meta.version, body, isAgain: false });",
        replace:
          "deliver(environment, image, { version: image.meta.version, body, isAgain: false }).catch(() => undefined);",
      },
    ],
  },
  {
    name: "ring-overwritten",
    rule: "3.4",
    disables: "A place of the ring is used again although no named part covers it.",
    edits: [
      {
        file: "runtime/slot/commit/write-part.ts",
        find: "if (isCovered()) return;\n  let cause: unknown;",
        replace: "if (isCovered() || version > 0) return;\n  let cause: unknown;",
      },
    ],
    focus: { faults: ["short-ring", "throttled-objects", "object-unwritten"] },
    from: 7,
  },
  {
    name: "progress-before-delivery",
    rule: "3.5",
    disables: "A version is published as delivered before it is.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: "await deliver(environment, image, { version: image.meta.version, body, isAgain: false });",
        replace:
          "await publishProgress(image);\n  await deliver(environment, image, { version: image.meta.version, body, isAgain: false });",
      },
    ],
  },
  {
    name: "progress-written-backwards",
    rule: "3.5",
    disables: "A progress row is written whatever stands there.",
    edits: [
      {
        file: "runtime/job/progress.ts",
        find: 'expected === undefined ? { kind: "absent" } : { kind: "rank", rank: expected },',
        replace: '{ kind: "always" },',
      },
    ],
    focus: { faults: ["overlap", "environment-zombie", "control-arrives-late"] },
    from: 4,
  },
  {
    name: "named-part-goes-back",
    rule: "3.5",
    disables: "A newer progress row may name an older part than the row that it replaces.",
    edits: [
      {
        file: "runtime/job/progress.ts",
        find: "if ((part?.version ?? 0) > (next.part?.version ?? 0)) next = { ...next, ...(part && { part }) };",
        replace: "void part;",
      },
    ],
    focus: { faults: ["overlap", "environment-zombie", "short-ring", "slow-objects"] },
    from: 12,
  },
  {
    name: "part-not-newer",
    rule: "3.5",
    disables: "Of two progress rows of one version the one that names its part is not newer.",
    edits: [
      {
        file: "runtime/job/progress.ts",
        find: "progress.part?.version === progress.version && progress.version > 0 ? 1 : 0",
        replace: "progress.version < 0 ? 1 : 0",
      },
    ],
    focus: { faults: ["short-ring"] },
  },
  {
    name: "segment-not-awaited",
    rule: "3.6",
    disables: "A part is named although the segment that it refers to may not be there.",
    edits: [
      {
        file: "runtime/checkpoint/part.ts",
        find: "segments.push(await writeSegment(ports, objectNames.segment(place), deltas));",
        replace:
          "const segment = objectNames.segment(place);\n    void writeSegment(ports, segment, deltas).catch(() => undefined);\n    segments.push({ key: segment, bytes: 1 });",
      },
    ],
    focus: { faults: ["object-unwritten", "throttled-objects", "slow-objects"] },
  },
  {
    name: "changes-lost-between-parts",
    rule: "3.6",
    disables: "A segment holds only what the newest commit changed.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: "image.sincePart.push(...body.deltas);",
        replace: "image.sincePart.splice(0, image.sincePart.length, ...body.deltas);",
      },
    ],
    focus: { faults: ["short-ring"] },
    from: 2,
  },
  {
    name: "gap-not-read",
    rule: "3.7",
    disables: "What is handed over is taken to follow the cursor from the beginning.",
    edits: [
      {
        file: "runtime/slot/process-batch.ts",
        find: "const image = found.meta.pastFence ? found : await closeGap(environment, found, first);",
        replace:
          'const image = found.meta.pastFence ? found : await closeGap(environment, found, "0");',
      },
    ],
    focus: { faults: ["mapping-late"] },
  },
  {
    name: "fence-set-by-gap",
    rule: "3.7",
    disables: "Records that a slot read by itself to close its gap are a fence.",
    edits: [
      {
        file: "runtime/slot/step/step-meta.ts",
        find: "run.input.isGap ? meta.pastFence : draft.pastFence",
        replace: "draft.pastFence",
      },
    ],
    focus: { faults: ["mapping-late"] },
    from: 5,
  },
  {
    name: "fence-without-margin",
    rule: "3.7",
    disables: "Any record is a fence of a source slot, however early it arrived.",
    edits: [
      {
        file: "runtime/slot/step/step-meta.ts",
        find: "last.arrivalMs > image.generation.publishedMs + image.job.settings.fenceSkewMs",
        replace: "last.arrivalMs > 0",
      },
    ],
    focus: { faults: ["mapping-late", "clock-skew"] },
  },
  {
    name: "rows-of-another-owner",
    rule: "3.8",
    disables:
      "Rows are written by the slot that made them, although their key is not the key of its stage.",
    edits: [
      {
        file: "runtime/planner/cut-stages.ts",
        find: "if (stage !== undefined && others.length === 0 && ownsRows(stage, keyFields))",
        replace: "if (stage !== undefined && others.length === 0)",
      },
    ],
    from: 13,
  },
  {
    name: "failed-step-not-undone",
    rule: "8.1",
    disables: "What user code did to state before it threw stays.",
    edits: [
      {
        file: "runtime/slot/step/run-step.ts",
        find: "undoStep(image);\n      if (isMillraceError(thrown)",
        replace: "if (isMillraceError(thrown)",
      },
    ],
    from: 2,
  },
  {
    name: "failing-element-skipped",
    rule: "8.1",
    disables: "An element on which user code fails is left out without a dead letter.",
    edits: [
      {
        file: "runtime/slot/step/step-source.ts",
        find: "addDeadLetter(run, failedElement(failed.error, decoded), operatorOf(failed.error));",
        replace: "",
      },
    ],
  },
  {
    name: "large-integers-rounded",
    rule: "8.2",
    disables: "Integers beyond 2^53 are read as the nearest number.",
    edits: [
      {
        file: "runtime/serde/parse-json.ts",
        find: "if (!holdsUnsafeNumber(parsed)) return parsed;",
        replace: "if (text.length > 0 || !holdsUnsafeNumber(parsed)) return parsed;",
      },
    ],
    from: 5,
  },
  {
    name: "nesting-unbounded",
    rule: "8.2",
    disables: "Documents may nest as deep as they like.",
    edits: [
      {
        file: "runtime/serde/parse-json.ts",
        find: "if (nestsTooDeep(text)) throw tooDeep();",
        replace: "void [nestsTooDeep, tooDeep];",
      },
    ],
    from: 2,
  },
  {
    name: "undecodable-skipped",
    rule: "8.2",
    disables: "A document that can't be decoded vanishes.",
    edits: [
      {
        file: "runtime/slot/step/step-source.ts",
        find: "addDeadLetter(run, refusedDocument(decoded.reason, decoded.document), operator);",
        replace: "undefined;",
      },
    ],
  },
  {
    name: "empty-pages-are-no-gap",
    rule: "3.7",
    disables: "Where a read gives nothing in time, there is no gap.",
    edits: [
      {
        file: "runtime/slot/self-read.ts",
        find: "return isKnown ? [] : undefined;",
        replace: "return isKnown ? [] : [];",
      },
      {
        file: "runtime/slot/self-read.ts",
        find: "return gap.length > 0 ? gap : undefined;",
        replace: "return gap;",
      },
    ],
    focus: { faults: ["mapping-late", "empty-pages", "iterator-expired"] },
    from: 5,
  },
];
