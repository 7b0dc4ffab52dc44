import { type Document, placeOf } from "./documents.ts";

interface Group {
  readonly text: string;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** Groups of pages in the order in which somebody new reads them; a page that no group names stands in the last one. */
const groups: readonly (readonly [name: string, pages: readonly string[]])[] = [
  ["Start", ["index", "tutorial", "recipes", "faq"]],
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
    ["sources", "sinks", "process-functions", "changes", "state", "dead-letters", "checkpoints"],
  ],
  ["Operate", ["deployment", "production", "troubleshooting", "cost", "emulators", "cli", "codes"]],
];

export function sidebarOf(
  documents: readonly Pick<Document, "path" | "title">[],
): readonly Group[] {
  const titles = new Map(documents.map(({ path, title }) => [placeOf(path), title]));
  const named = new Set(groups.flatMap(([, pages]) => pages));
  const others = [...titles.keys()].filter((place) => !named.has(place));
  return [...groups, ["More", others] as const]
    .map(([text, pages]) => ({
      text,
      items: pages.flatMap((place) => {
        const title = titles.get(place);
        return title === undefined ? [] : [{ text: title, link: `/${place}` }];
      }),
    }))
    .filter(({ items }) => items.length > 0);
}
