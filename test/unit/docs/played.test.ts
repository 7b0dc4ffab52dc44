import { expect, test } from "vitest";
import { transcriptOf } from "../../../playground/transcript.ts";
import { documents } from "../../../site/documents.ts";
import { stepsOf } from "../../../site/draw-figures.ts";
import { playBlocksOf } from "../../../site/play-blocks.ts";

const played = documents().flatMap(({ path, text }) =>
  playBlocksOf(text).map((block) => ({ ...block, place: `${path}:${block.line}` })),
);

test("documents have blocks that are played", () => {
  expect(played.length).toBeGreaterThan(1);
});

test.each(played)("what $place gives is what stands behind it", async (block) => {
  const transcript = transcriptOf(await stepsOf(block, block.place));
  expect(transcript).toContain("watermark");
  if (block.shown !== undefined) expect(transcript).toBe(block.shown);
});

test("the tutorial's jobs are run on its page", () => {
  const tutorial = documents().find(({ path }) => path === "docs/tutorial.md")!.text;
  const jobs = tutorial.match(/^```ts [^\n]*\n[^`]*export default defineJob/gm) ?? [];
  expect(jobs.length).toBeGreaterThan(1);
  expect(jobs.filter((job) => !/^```ts .*play=/.test(job))).toEqual([]);
});

test("every concept page shows what a block of it gives", () => {
  const concepts = documents().filter(({ path }) => path.startsWith("docs/concepts/"));
  const without = concepts.filter(
    ({ text }) => !playBlocksOf(text).some(({ shown }) => shown !== undefined),
  );
  expect(without.map(({ path }) => path)).toEqual([]);
});
