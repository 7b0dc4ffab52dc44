import { expect, test } from "vitest";
import { optionsOfThread } from "../../../dev/worker-threads.ts";

test("a thread is started without what can only be said of a process: such a run once ended before it began", () => {
  const sizes = ["--max-old-space-size=4096", "--max_semi_space_size=32", "--stack-size=2000"];
  const others = ["--import=./hooks.mjs", "--enable-source-maps", "--conditions=development"];
  expect(optionsOfThread([...sizes, ...others])).toEqual(others);
});
