import { expect, test } from "vitest";
import { playBlocksOf } from "../../../site/play-blocks.ts";

const document = `# A page

\`\`\`json file=in.jsonl
{"n":1}
\`\`\`

\`\`\`ts file=job.ts play=in.jsonl every=0 open-ended
job
\`\`\`

\`\`\`text run
all lines
\`\`\`

\`\`\`ts play=in.jsonl
other
\`\`\`

\`\`\`ts
not played
\`\`\`
`;

test("a document's blocks are played with the input that they name, and compared with the block behind them", () => {
  expect(playBlocksOf(document)).toEqual([
    {
      line: 7,
      text: "job\n",
      input: '{"n":1}\n',
      everyMs: 0,
      ends: false,
      shown: "all lines\n",
    },
    { line: 15, text: "other\n", input: '{"n":1}\n', everyMs: 1_000, ends: true },
  ]);
});

test("a block whose input isn't there is refused, with its line", () => {
  expect(() => playBlocksOf("text\n\n```ts play=gone.jsonl\n```\n")).toThrow(
    "Line 3: there is no block with file=gone.jsonl.",
  );
});
