import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isOver, phaseOf, type SlotLife, type SlotPhase } from "../../../runtime/job/phase.ts";
import { root } from "../tidy/sources.ts";

const running: SlotLife = {
  isSource: false,
  sealed: false,
  stopping: false,
  ended: false,
  isReplaying: false,
  isFiring: false,
  pastFence: true,
};
const source: SlotLife = { ...running, isSource: true };

const lives: readonly (readonly [SlotPhase, SlotLife])[] = [
  ["sealed", { ...source, sealed: true, stopping: true, ended: true, isFiring: true }],
  ["drained", { ...source, stopping: true, ended: true, isFiring: true }],
  ["stopped", { ...source, stopping: true, pastFence: false }],
  ["holding", { ...running, stopping: true, isReplaying: true, isFiring: true }],
  ["firing", { ...running, isFiring: true, isReplaying: true }],
  ["replaying", { ...running, isReplaying: true, pastFence: false }],
  ["ended", { ...source, ended: true, pastFence: false }],
  ["unfenced", { ...source, pastFence: false }],
  ["running", source],
  ["running", { ...running, pastFence: false }],
];

test("a slot is in the first phase that fits", () => {
  for (const [phase, life] of lives) expect([life, phaseOf(life)]).toEqual([life, phase]);
});

test("a source in four of them takes nothing any more", () => {
  const over = lives.map(([phase]) => phase).filter(isOver);
  expect(over).toEqual(["sealed", "drained", "stopped", "ended"]);
});

test("docs/protocol.md shows the phases in this order", () => {
  const section = readFileSync(join(root, "docs/protocol.md"), "utf8").split("### 3.10")[1] ?? "";
  const shown = [...section.split("### 3.11")[0]!.matchAll(/^\| `(\w+)` \|/gm)].map(
    ([, name]) => name,
  );
  expect(shown).toEqual([...new Set(lives.map(([phase]) => phase))]);
});
