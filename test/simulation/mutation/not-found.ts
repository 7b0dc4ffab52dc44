import type { Focus, NotFound } from "./mutation.ts";

/** Restores that last, with garbage collected all the while. */
const slowRestores: Focus = {
  mission: "take-back",
  shapes: ["keyed-count", "two-key-bys"],
  faults: ["quick-garbage", "slow-objects", "command-doubled"],
};

/**
 * Rules whose removal the simulator does not notice, with the reason: what they keep is kept by another rule as well or is no condition
 * of right results ("not needed"), or nothing in the simulated world drives it ("not tested").
 */
export const notFound: readonly NotFound[] = [
  {
    name: "catch-up-left-out",
    rule: "3.0",
    disables: "What an environment has in memory of a slot is taken as it is.",
    edits: [
      {
        file: "runtime/slot/catch-up.ts",
        find: "rows = await catchUpFrom(image, progress);",
        replace: "rows = [];",
      },
    ],
    why: "not needed",
    reason:
      "A stale image can't commit (3.3), and the error that follows makes the environment forget it: this costs time, not results.",
  },
  {
    name: "ring-gone-round-behind-nothing",
    rule: "3.0",
    disables: "An image of version 0 is loaded anew where the log has gone round its ring.",
    edits: [
      {
        file: "runtime/slot/catch-up.ts",
        find: "if (reached < (progress?.version ?? 0)) return undefined;",
        replace: "void reached;",
      },
    ],
    why: "not needed",
    reason:
      "It loses every race, and the error that follows makes the environment forget it: this costs time, not results.",
  },
  {
    name: "nonce-not-compared",
    rule: "3.0",
    disables: "Memory is kept although the log's row of its version has another nonce.",
    edits: [
      {
        file: "runtime/slot/catch-up.ts",
        find: "own.nonce !== image.nonce",
        replace: "own.version !== image.meta.version",
      },
    ],
    why: "not needed",
    reason:
      "Memory only follows rows that stand, the row of a version never changes, and another lap of the ring has another version.",
  },
  {
    name: "own-nonce-not-recognised",
    rule: "3.3",
    disables: "A commit that finds its own nonce in its place counts as lost.",
    edits: [
      {
        file: "runtime/slot/commit/commit-step.ts",
        find: "if (outcome.appended || outcome.found?.nonce === row.nonce) {",
        replace: "if (outcome.appended) {",
      },
    ],
    focus: { faults: ["log-asked-twice"] },
    why: "not needed",
    reason:
      "Catching up finds the own row like anybody's, applies and delivers it, and the cursor skips the records.",
  },
  {
    name: "fence-of-one-parent",
    rule: "3.7",
    disables: "A child is past the fence if one of its parents was.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "pastFence: metas.every((meta) => meta.pastFence)",
        replace: "pastFence: metas.some((meta) => meta.pastFence)",
      },
    ],
    focus: { faults: ["mapping-late", "source-merge", "exchange-merge", "child-before-parent"] },
    why: "not needed",
    reason:
      "One mapping serves all shards of a stream and begins as a whole: what was handed a fence of one parent hands over the child from its beginning.",
  },
  {
    name: "part-behind-a-gap",
    rule: "3.6",
    disables: "A segment is put behind the named part although changes between them are not known.",
    edits: [
      {
        file: "runtime/slot/commit/write-part.ts",
        find: "part === undefined || part.version < image.sincePartVersion",
        replace: "part === undefined",
      },
    ],
    focus: { faults: ["short-ring", "overlap", "environment-zombie"] },
    why: "not needed",
    reason:
      "Progress rows never go back to an older part (3.5), so the named one is never older than what memory goes on from.",
  },
  {
    name: "ended-generation-goes-on",
    rule: "3.0",
    disables: "Batches are processed although their generation has ended.",
    edits: [
      {
        file: "runtime/slot/process-batch.ts",
        find: "if (generation.ended) return {};",
        replace: "void generation.ended;",
      },
    ],
    focus: { mission: "stop" },
    why: "not tested",
    reason:
      "The simulated world has no cancel. After a stop slots take nothing anyway (6.7), and after the end nothing is left. test/unit/slot/process-batch.test.ts has it.",
  },
  {
    name: "other-plans-accepted",
    rule: "3.9",
    disables: "What another plan of the generation sent is taken as if it were of the own.",
    edits: [
      {
        file: "runtime/slot/step/step-input.ts",
        find: "if (sent.plan === job.plan.fingerprint) continue;",
        replace: "if (sent.plan !== undefined) continue;",
      },
    ],
    why: "not tested",
    reason:
      "The simulated world only deploys versions of one plan. test/unit/slot/process-batch.test.ts has it.",
  },
  {
    name: "resend-speaks-for-all",
    rule: "4.1",
    disables: "A frame that is sent again speaks for everything that the map gives its shard.",
    edits: [
      {
        file: "runtime/exchange/cut-frames.ts",
        find: "const speaksFor = first",
        replace: "const speaksFor = first || !first",
      },
    ],
    focus: { faults: ["put-in-part", "exchange-split", "exchange-merge", "put-into-split"] },
    why: "not needed",
    reason:
      "All that is left of a commit for one shard goes in one frame: what that lacks has landed before.",
  },
  {
    name: "shard-map-not-refreshed",
    rule: "4.2",
    disables: "A sender keeps the list of shards that it read first.",
    edits: [
      {
        file: "runtime/exchange/send-frames.ts",
        find: "    cachedMap = shardMapOf(shards, groupCount);",
        replace: "    void shardMapOf(shards, groupCount);",
      },
    ],
    focus: { faults: ["exchange-split", "exchange-merge", "put-into-split"] },
    why: "not needed",
    reason:
      "Blocks that landed elsewhere are sent until they are with their owners, whatever the map says: this costs attempts, not results.",
  },
  {
    name: "broadcast-marks-of-another-parent",
    rule: "4.9",
    disables: "A child takes the copy of one parent, and the marks of the other one.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "broadcastGiver(parents, groupCount)",
        replace: "broadcastGiver(parents.toReversed(), groupCount)",
      },
    ],
    focus: {
      shapes: ["broadcast"],
      faults: ["exchange-split", "exchange-merge", "put-in-part", "put-into-split"],
    },
    why: "not tested",
    reason:
      "It takes a merge between two puts of one broadcast, so that its parents have come differently far. test/unit/job/inherited-meta.test.ts has it.",
  },
  {
    name: "broadcast-part-amid-a-step",
    rule: "3.4",
    disables: "A part that makes room in the ring holds what the step has broadcast already.",
    edits: [
      {
        file: "runtime/state/broadcast-cell.ts",
        find: "const all = [...unchanged.map(([, entry]) => entry), ...changed];",
        replace:
          "const all = changed.length + unchanged.length < 0 ? changed : [...this.#entries.values()];",
      },
    ],
    focus: { shapes: ["broadcast"], faults: ["short-ring", "objects-down"] },
    why: "not tested",
    reason:
      "It takes a full ring, a step with broadcasts, and a commit that does not come about behind the part: one of some sixty worlds had it, none of a hundred others. test/unit/state/broadcast-store.test.ts has it.",
  },
  {
    name: "no-empty-blocks-at-takeover",
    rule: "4.4",
    disables: "A takeover sends no empty block to its own groups.",
    edits: [
      {
        file: "runtime/slot/takeover.ts",
        find: "blocks: blocksToSelf(image, meta),",
        replace: "blocks: blocksToSelf(image, meta).slice(0, 0),",
      },
    ],
    focus: { shapes: ["two-key-bys"], faults: ["exchange-split", "exchange-merge"] },
    why: "not needed",
    reason:
      "Without the flush own groups are served over the wire until a later frame of the slot has come back: this costs time, not results.",
  },
  {
    name: "sources-do-not-wait",
    rule: "4.6",
    disables: "Source slots go on however far the exchange is behind.",
    edits: [
      {
        file: "runtime/slot/follow-flow.ts",
        find: "await waitForExchange(environment);",
        replace: "void waitForExchange;",
      },
    ],
    why: "not needed",
    reason: "The limit is advice.",
  },
  {
    name: "incomplete-regions-speak",
    rule: "4.7",
    disables:
      "A watermark is concluded although a region of the hash space has nobody to speak for it.",
    edits: [
      {
        file: "runtime/coordinator/stage-watermarks.ts",
        find: "if (region === undefined || !region.complete) return noWatermark;",
        replace: "if (region === undefined) return noWatermark;",
      },
    ],
    focus: { faults: ["source-split", "source-merge", "exchange-split", "coordinator-twice"] },
    why: "not needed",
    reason:
      "Stale lists of shards are read again, so no region stays open; incomplete-regions-of-a-stale-list removes both, and is noticed.",
  },
  {
    name: "stale-shard-list",
    rule: "4.7",
    disables: "A list of shards that is older than a seal is used on.",
    edits: [
      {
        file: "runtime/coordinator/shard-lists.ts",
        find: "if (isRecent && [...lists].every(([stream, shards]) => fits(stream, shards))) return lists;",
        replace: "void fits;\n    if (isRecent) return lists;",
      },
    ],
    focus: {
      faults: [
        "source-split",
        "source-merge",
        "exchange-split",
        "exchange-merge",
        "child-before-parent",
      ],
    },
    why: "not needed",
    reason:
      "Open regions conclude nothing; incomplete-regions-of-a-stale-list removes both, and is noticed.",
  },
  {
    name: "lease-ignored",
    rule: "4.7",
    disables: "A coordinator leads although another one holds the lease.",
    edits: [
      {
        file: "runtime/coordinator/lease.ts",
        find: "held.untilMs > nowMs &&",
        replace: "held.untilMs < 0 &&",
      },
    ],
    focus: { faults: ["coordinator-twice"] },
    why: "not needed",
    reason:
      "What coordinators write is conditional, or only raises: two at once cost work, not results.",
  },
  {
    name: "splits-without-a-row-passed-over",
    rule: "4.7",
    disables: "A watermark is concluded although a split has no row.",
    edits: [
      {
        file: "runtime/coordinator/round.ts",
        find: "complete: hasEverySlot(generation, source, rows)",
        replace: "complete: true",
      },
    ],
    why: "not tested",
    reason:
      "It takes a leader and an environment of a replaced generation that are held up until its rows are collected: one run of some 2,500 had it. It is among the seeds that failed once (read-files 88748846).",
  },
  {
    name: "split-without-share",
    rule: "6.4",
    disables: "An epoch is complete without the shares of some splits.",
    edits: [
      {
        file: "runtime/coordinator/epoch-shares.ts",
        find: "return hasEverySlot(generation, source, own);",
        replace: "return hasEverySlot(generation, source, own) || own.length >= 0;",
      },
    ],
    focus: { shapes: ["read-files"], mission: "take-back" },
    why: "not tested",
    reason:
      "It takes a split that has cut and could not write its part, while all slots of the exchange could, which wait until it has cut; or a leader of a generation that was replaced and is being collected. test/unit/coordinator/epoch-shares.test.ts has it.",
  },
  {
    name: "shares-overlap",
    rule: "6.4",
    disables: "Shares only have to cover the hash space, and may overlap.",
    edits: [
      {
        file: "runtime/coordinator/epoch-shares.ts",
        find: "tilesExactly(own.map(",
        replace: "covers(own.map(",
      },
    ],
    focus: {
      mission: "take-back",
      faults: ["source-split", "source-merge", "exchange-split", "exchange-merge"],
    },
    why: "not needed",
    reason:
      "A child has no share in the epochs of its parents (6.5), so that shares never overlap.",
  },
  {
    name: "part-builds-on-an-unnamed-one",
    rule: "6.8",
    disables: "A part is named although the one that it builds on is not named any more.",
    edits: [
      {
        file: "runtime/slot/commit/write-part.ts",
        find: "await publishProgress(image, before === undefined ? undefined : standing?.key);",
        replace: "void standing?.key;\n    await publishProgress(image);",
      },
    ],
    focus: {
      faults: ["quick-garbage", "overlap", "environment-zombie", "short-ring", "slow-objects"],
    },
    why: "not needed",
    reason:
      "A version is published before its part is named, and between the ranks of a version and of its part there is none: whoever names a part replaces the row that it has read.",
  },
  {
    name: "hole-passed-over",
    rule: "3.0",
    disables: "Rows that lie behind a hole in the log are applied.",
    edits: [
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
      {
        file: "runtime/slot/image/load-image.ts",
        find: "return hole === -1 ? rows",
        replace: "return hole !== -2 ? rows",
      },
    ],
    focus: { faults: ["short-ring", "environment-zombie", "slow-objects", "slow-log", "overlap"] },
    why: "not tested",
    reason:
      "It takes an environment that is held up between reading the progress row and the log for exactly one lap of the ring; log-trusted-blindly removes this check together with that of the remembered row, and is noticed. test/unit/slot/catch-up.test.ts has it.",
  },
  {
    name: "floors-left-out",
    rule: "5.1",
    disables: "Lateness goes by the merged watermark also for keys whose slot was ahead.",
    edits: [
      {
        file: "runtime/operators/subtask.ts",
        find: "return Math.max(this.watermarkMs, this.floorOf(this.current));",
        replace: "return this.watermarkMs;",
      },
    ],
    focus: { shapes: ["aligned"], faults: ["source-merge"] },
    why: "not tested",
    reason:
      "It takes a late item for a key of the faster parent, at a window that this one has cleared, while the slower parent's watermark holds: 1,317 seeds had none, one before had. test/unit/slot has it.",
  },
  {
    name: "stop-forgotten-at-takeover",
    rule: "6.7",
    disables: "A child of a stopping slot does not stop.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "...(metas.some(({ stopping }) => stopping === true) ? { stopping: true } : {}),",
        replace: "",
      },
    ],
    focus: { mission: "stop", faults: ["exchange-split", "exchange-merge"] },
    why: "not tested",
    reason:
      "It takes a takeover in the moment between the last share of a stop and its end; before that, the next stop cuts behind whatever the child did. test/unit/job/inherited-meta.test.ts has it.",
  },
  {
    name: "holds-not-read",
    rule: "6.8",
    disables: "An epoch that a restore reads is swept although it is held.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "(epoch) => !held.has(keyOf(epoch)),",
        replace: "() => held !== undefined,",
      },
      {
        file: "runtime/savepoints/garbage.ts",
        find: "if (!held.has(key)) continue;",
        replace: "if (held !== undefined) continue;",
      },
    ],
    focus: slowRestores,
    why: "not tested",
    reason:
      "It takes an epoch that expires while it is being restored, and a restore that lasts for several collections. test/integration/garbage.test.ts has it.",
  },
  {
    name: "hold-after-the-manifest",
    rule: "6.8",
    disables: "A restore reads its manifest before it writes the hold.",
    edits: [
      {
        file: "runtime/savepoints/hold.ts",
        find: '  const [job = ""] = manifest.split("/");',
        replace: '  const found = await read();\n  const [job = ""] = manifest.split("/");',
      },
      {
        file: "runtime/savepoints/hold.ts",
        find: "return await read();",
        replace: "return found;",
      },
    ],
    focus: slowRestores,
    why: "not tested",
    reason: "As with holds-not-read. test/unit/savepoints/hold.test.ts has it.",
  },
  {
    name: "holds-read-once",
    rule: "6.8",
    disables: "Garbage collection does not look for holds again when it has deleted manifests.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "if (!held.has(key)) continue;",
        replace: "if (held !== undefined) continue;",
      },
    ],
    focus: slowRestores,
    why: "not tested",
    reason: "As with holds-not-read. test/integration/garbage.test.ts has it.",
  },
  {
    name: "slots-without-progress-swept",
    rule: "6.8",
    disables: "Bodies of a slot that has no progress row yet are swept.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: 'if (row === undefined) return "of a slot that shows nothing yet";',
        replace: 'if (row === undefined) return { reason: "of nobody", isFrame: false };',
      },
    ],
    focus: {
      mission: "checkpoints",
      faults: [
        "quick-garbage",
        "source-split",
        "exchange-split",
        "environment-crash",
        "environment-zombie",
      ],
    },
    why: "not tested",
    reason:
      "It takes a slot whose first row is a body and whose first progress row comes two collections later: no seed from 223 to 318, nor the first ones, had it. test/integration/garbage.test.ts has it.",
  },
  {
    name: "unpublished-generations-swept",
    rule: "6.8",
    disables: "Objects of a generation above the living one are swept: a restore prepares them.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: 'if (generation > living.generation) return "of a generation that may still be published";',
        replace: "",
      },
      {
        file: "runtime/savepoints/garbage.ts",
        find: "if (generation < living.generation)",
        replace: "if (generation !== living.generation)",
      },
    ],
    focus: slowRestores,
    why: "not tested",
    reason:
      "It takes a restore that is held up for two collections between its first part and the publication. test/integration/garbage.test.ts has it.",
  },
  {
    name: "uncommitted-in-flight-swept",
    rule: "6.8",
    disables: "Blocks in flight are swept also where the commit that names them is still to come.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "return version <= row.version\n",
        replace: "return version >= 0\n",
      },
    ],
    focus: {
      mission: "checkpoints",
      shapes: ["two-key-bys", "keyed-count", "join"],
      faults: ["quick-garbage", "environment-zombie", "slow-objects", "slow-log"],
    },
    why: "not tested",
    reason:
      "It takes an environment that is held up for two collections between the blocks in flight and the commit that names them. test/integration/garbage.test.ts has it.",
  },
  {
    name: "epochs-of-the-replaced-left-open",
    rule: "6.8",
    disables:
      "An epoch that was open when its generation was replaced is not given up before the objects go.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "if (options.dryRun !== true) await giveUpEpochs(ports, { job: options.job, living });",
        replace: "void giveUpEpochs;",
      },
    ],
    focus: {
      mission: "take-back",
      faults: ["quick-garbage", "coordinator-zombie", "coordinator-crash", "object-arrives-late"],
    },
    why: "not tested",
    reason:
      "It takes a leader whose manifest is on its way when its generation is replaced and then collected: one run of 800 met that. A test in test/integration/garbage.test.ts does.",
  },
  {
    name: "swept-at-first-sight",
    rule: "6.8",
    disables: "What nothing refers to goes at once, not after it was found so twice.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "const isDue = seen[key] !== undefined && isOld;",
        replace: "const isDue = !verdict.isFrame || isOld;",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage"] },
    why: "not needed",
    reason:
      "Objects are listed before the roots are read, and of a living slot only what is older than its row goes: what is found to be garbage stays so. Only a restore whose manifest has just gone gains time.",
  },
  {
    name: "rows-before-the-listing",
    rule: "6.8",
    disables: "Objects are listed after the progress rows and manifests are read.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "  for await (const key of ports.objects.list(objectPrefixes.job(options.job))) keys.push(key);\n",
        replace: "",
      },
      {
        file: "runtime/savepoints/garbage.ts",
        find: "  const seen = await readCandidates(ports, options.job);\n",
        replace:
          "  const seen = await readCandidates(ports, options.job);\n  for await (const key of ports.objects.list(objectPrefixes.job(options.job))) keys.push(key);\n",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage"] },
    why: "not needed",
    reason:
      "Of a living slot only what is older than its row goes, so that what was put after the row was read is kept.",
  },
  {
    name: "manifests-before-the-rows",
    rule: "6.8",
    disables: "Manifests are read before the progress rows.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "  const progress = await listProgress(ports, place);\n  const manifests = await listManifests(ports, options.job);\n",
        replace:
          "  const manifests = await listManifests(ports, options.job);\n  const progress = await listProgress(ports, place);\n",
      },
    ],
    focus: { mission: "checkpoints", faults: ["quick-garbage"] },
    why: "not needed",
    reason:
      "What an epoch refers to goes only when two collections in a row have missed it, and the second one reads its manifest.",
  },
  {
    name: "child-watermark-maximum",
    rule: "5.1",
    disables: "A child's watermark is the highest of its parents'.",
    edits: [
      {
        file: "runtime/job/inherit-meta.ts",
        find: "inherited[stage] = combineWatermarks(all);",
        replace:
          "inherited[stage] = { ...combineWatermarks(all), ms: Math.max(...all.map(({ ms }) => ms)) };",
      },
      {
        file: "runtime/job/inherit-meta.ts",
        find: "Math.min(...sources.map(({ maxTimestampMs }) => maxTimestampMs)),",
        replace: "Math.max(...sources.map(({ maxTimestampMs }) => maxTimestampMs)),",
      },
    ],
    focus: { shapes: ["aligned"], faults: ["source-merge"] },
    why: "not tested",
    reason:
      "It takes an item behind a merge of sources that is late by the watermark of one parent and not by that of the other, at a window that is still open: no seed up to 1,700 has one. test/unit/job/inherited-meta.test.ts has it.",
  },
  {
    name: "tick-shape-unchecked",
    rule: "4.5",
    disables: "A tick is applied whatever its shape is.",
    edits: [
      {
        file: "runtime/slot/step/slot-input.ts",
        find: "tick: toTick(sent, about) }",
        replace: "tick: ((void toTick, sent) as unknown) as Tick }",
      },
    ],
    why: "not tested",
    reason:
      "Ticks of the simulated world are whole: what is damaged there is an object. The unit tests of damaged exchanges have all shapes.",
  },
  {
    name: "tick-before-its-timers",
    rule: "3.2",
    disables: "A tick counts as taken although timers are left that it has released.",
    edits: [
      {
        file: "runtime/slot/step/step-exchange.ts",
        find: "advance(run, subtask, watermark.ms);\n    if (run.isCutShort) return false;",
        replace:
          "advance(run, subtask, watermark.ms);\n    if (run.isCutShort) run.isCutShort = false;",
      },
    ],
    focus: { faults: ["small-steps"] },
    why: "not needed",
    reason:
      "What the tick has released and is left comes before anything else all the same (timers-left-behind), and the stage passes its watermark on only then: the tick that comes again finds nothing to do.",
  },
  {
    name: "step-overfills-heap",
    rule: "3.2",
    disables: "A step goes on however full the heap is.",
    edits: [
      {
        file: "runtime/slot/step/step-budget.ts",
        find: "(taken >= this.#nextHeapLook && this.#heapIsFull()) ||",
        replace: "",
      },
    ],
    focus: { faults: ["little-memory"] },
    why: "not needed",
    reason:
      "It ends a process, and no result is wrong: the batch comes again. The simulated heap counts what is committed; a real one fills during a step (test/integration/heap-limit.slow.test.ts).",
  },
  {
    name: "written-off-stays-failed",
    rule: "8.1",
    disables: "A place that failed is passed over until it is written off, and no longer.",
    edits: [
      {
        file: "runtime/slot/take-records.ts",
        find: "forget(failedPlaces, outcome);",
        replace: "if (lost < 0) forget(failedPlaces, outcome);",
      },
    ],
    focus: {
      shapes: ["sliding", "tumbling"],
      faults: ["log-arrives-late", "overlap", "slow-log"],
    },
    why: "not tested",
    reason:
      "It takes a window that fails, lives on and fires again within one batch, or between an attempt and its commit: seeds that show it are thousands apart, and move with every change. Each half has a test of its own (test/unit/slot/written-off.test.ts).",
  },
  {
    name: "old-coordinator-ends-new-generation",
    rule: "6.6",
    disables: "A coordinator of an older generation can end its generation when a newer one lives.",
    edits: [
      {
        file: "runtime/job/generation.ts",
        find: '{\n    kind: "rank",\n    rank: rankOf(generation),\n  });',
        replace: '{\n    kind: "always",\n  });',
      },
    ],
    focus: {
      shapes: ["stateless", "keyed-count"],
      mission: "stop",
      faults: ["control-arrives-late", "coordinator-zombie", "coordinator-twice"],
    },
    why: "not tested",
    reason:
      "It takes a coordinator whose very last write arrives after a restore: none of some three hundred worlds had one. The row is tested by itself (test/unit/job/generation.test.ts).",
  },
  {
    name: "mark-forgotten",
    rule: "3.4",
    disables: "How far a delivery has come is forgotten.",
    edits: [
      {
        file: "runtime/slot/commit/delivery-mark.ts",
        find: "const row = isAgain ? await control.get(key) : undefined;",
        replace: "const row = isAgain && version < 0 ? await control.get(key) : undefined;",
      },
    ],
    focus: { faults: ["rows-refused", "short-invocations", "slow-writes"] },
    why: "not needed",
    reason:
      "A mark is advice: what is delivered once more changes nothing. It costs the time in which a delivery would have come to its end, and that is tested where time is counted (test/unit/slot/deliver.test.ts).",
  },
  {
    name: "unnamed-part-makes-room",
    rule: "3.4",
    disables:
      "A part that is written makes room in the ring although the progress row does not name it.",
    edits: [
      {
        file: "runtime/slot/commit/write-part.ts",
        find: "image.part = standing;\n    throw thrown;",
        replace: "image.part = part;\n    if (image.part === standing) throw thrown;",
      },
    ],
    why: "not tested",
    reason:
      "It needs a full ring, a part that is written and a progress row that is not, in one batch: a unit test has it (test/unit/slot/parts.test.ts).",
  },
  {
    name: "end-by-an-old-list",
    rule: "4.8",
    disables:
      "A stream ends with a shard that a list shows without children, also where it shows it open.",
    edits: [
      {
        file: "runtime/slot/self-read.ts",
        find: "return isClosed && !shards.some(",
        replace: "return (isClosed || !isClosed) && !shards.some(",
      },
    ],
    why: "not tested",
    reason:
      "It needs a shard that is read to its end while an old list shows it open and alone: a unit test has it (test/unit/slot/quiet-shards.test.ts).",
  },
  {
    name: "staged-swept-before-visible",
    rule: "6.9",
    disables: "What a manifest has staged is swept with its generation, visible or not.",
    edits: [
      {
        file: "runtime/savepoints/garbage.ts",
        find: "if (!(await isCommitted(ports, epoch)))",
        replace: "if (!(await isCommitted(ports, epoch)) && epoch.epoch < 0)",
      },
    ],
    why: "not tested",
    reason:
      "Nobody here goes back to an older epoch and then on to one that its replaced generation had not made visible: test/integration/file-sink.test.ts does.",
  },
  {
    name: "same-time-for-each-epoch",
    rule: "6.4",
    disables: "An epoch after one that expired has no more time than that one.",
    edits: [
      {
        file: "runtime/coordinator/epoch-time.ts",
        find: "2 ** Math.min(failures, doublingsMax)",
        replace: "2 ** Math.min(0, failures, doublingsMax)",
      },
    ],
    focus: { shapes: ["timers"] },
    why: "not tested",
    reason:
      "About one world in two thousand has so few environments and such a crowd: timers 20000030 is among the seeds that once failed, and the time has a test (test/unit/coordinator/epoch-time.test.ts).",
  },
  {
    name: "watermark-before-its-timers",
    rule: "3.2",
    disables: "A watermark is passed on while timers are left that it has released.",
    edits: [
      {
        file: "runtime/slot/step/step-meta.ts",
        find: "const isHeld =\n    firing ||",
        replace: "const isHeld =\n    (firing && watermarkMs < -1e300) ||",
      },
    ],
    focus: { faults: ["small-steps", "environment-crash"] },
    why: "not tested",
    reason:
      "It takes a crash between two steps of a firing in front of a second stage: no seed up to 476 had one since worlds hurry once their faults have ceased. A unit test fails without it (test/unit/slot/step-bounds.test.ts).",
  },
  {
    name: "unanswered-step-not-cut",
    rule: "3.12",
    disables: "A step that ends before a call without an answer is not all of its batch.",
    edits: [
      {
        file: "runtime/slot/step/run-with-calls.ts",
        find: "isUnfinished: true",
        replace: "isUnfinished: result.isUnfinished",
      },
    ],
    focus: { shapes: ["calls"], faults: ["short-invocations"] },
    why: "not tested",
    reason:
      "Calls of the simulated world are over before its invocations are: none is left without an answer. A test fails without it (test/integration/map-async.test.ts).",
  },
];
