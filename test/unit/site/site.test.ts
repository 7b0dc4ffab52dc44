import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anchorOf, documents, linksOf, root } from "../../../site/documents.ts";
import { llmsText } from "../../../site/llms.ts";
import { sidebarOf } from "../../../site/sidebar.ts";

const all = documents();

test("every document is in the sidebar once", () => {
  const links = sidebarOf(all).flatMap(({ items }) => items.map(({ link }) => link));
  expect(links.length).toBeGreaterThan(15);
  expect(new Set(links).size).toBe(links.length);
  expect(links.length).toBe(all.length);
});

test("llms.txt names every document with its title and what it is about", () => {
  const text = llmsText([
    {
      path: "README.md",
      title: "Millrace",
      text: "# Millrace\n\nStreams, in [a word](x.md). More.\n",
    },
    {
      path: "docs/state.md",
      title: "State",
      text: "# State\n\nWhat is\nremembered: values. More.\n",
    },
  ]);
  expect(text).toBe(`# Millrace

> Streams, in a word.

## Documents

- [State](/docs/state.md): What is remembered:
`);
  expect(llmsText(all).match(/^- /gm)).toHaveLength(all.length - 1);
});

test("links between documents lead to documents, and to headings that they have", () => {
  const anchors = new Map(
    all.map(({ path, text }) => [
      path,
      new Set(Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) => anchorOf(heading))),
    ]),
  );
  const dangling = all.flatMap((document) =>
    linksOf(document)
      .filter(({ to, anchor }) => {
        if (!existsSync(join(root, to))) return true;
        return anchor !== undefined && anchors.get(to)?.has(anchor) !== true;
      })
      .map(({ to, anchor }) => `${document.path}: ${to}#${anchor ?? ""}`),
  );
  expect(dangling).toEqual([]);
});
