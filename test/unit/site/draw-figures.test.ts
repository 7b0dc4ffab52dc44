import { expect, test } from "vitest";
import { documents } from "../../../site/documents.ts";
import { drawFigures } from "../../../site/draw-figures.ts";

const figuresOf = (page: string) =>
  drawFigures(documents().filter(({ path }) => path === `docs/concepts/${page}.md`));

test("a figure shows the run at its end", async () => {
  const [figure] = await figuresOf("time");
  expect(figure?.svg).toContain("1 late; 2 windows, 2 fired; watermark end");
});

test("where nothing is left at the end but elements, it shows the step before", async () => {
  const [figure] = await figuresOf("timers");
  expect(figure?.svg).toContain("mr-timer");
  expect(figure?.svg).toContain("watermark 08:01:24.999");
});
