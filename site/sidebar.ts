import { posix } from "node:path";
import { type Document, placeOf } from "./documents.ts";

interface Group {
  readonly text: string;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** Groups of pages of `docs` in the order in which somebody new reads them; a page that no group names stands in the last one. */
const groups: readonly (readonly [name: string, pages: readonly string[]])[] = [
  ["Start", ["../index", "tutorial", "playground", "recipes", "faq"]],
  [
    "Concepts",
    ["time", "windows", "state", "timers", "exactly-once", "scaling", "failure", "testing"].map(
      (name) => `concepts/${name}`,
    ),
  ],
  [
    "Coming from",
    ["coming-from/flink", "coming-from/kafka-streams", "coming-from/lambda", "comparison"],
  ],
  [
    "Guide",
    [
      "sources",
      "sinks",
      "operators",
      "windows",
      "patterns",
      "process-functions",
      "changes",
      "state",
      "dead-letters",
      "checkpoints",
    ],
  ],
  [
    "Operate",
    [
      "console",
      "metrics",
      "deployment",
      "production",
      "troubleshooting",
      "cost",
      "emulators",
      "cli",
      "api",
      "codes",
    ],
  ],
];

export function sidebarOf(
  documents: readonly Pick<Document, "path" | "title">[],
): readonly Group[] {
  const titles = new Map(documents.map(({ path, title }) => [placeOf(path), title]));
  const placed = groups.map(
    ([text, pages]) => [text, pages.map((page) => posix.join("docs", page))] as const,
  );
  const named = new Set(placed.flatMap(([, places]) => places));
  const others = [...titles.keys()].filter((place) => !named.has(place));
  return [...placed, ["More", others] as const]
    .map(([text, places]) => ({
      text,
      items: places.flatMap((place) => {
        const title = titles.get(place);
        return title === undefined ? [] : [{ text: title, link: `/${place}` }];
      }),
    }))
    .filter(({ items }) => items.length > 0);
}
