import type { PlayRequest } from "../playground/messages.ts";

/** A block of a document that is played: a job, the input that stands in another block, and what the document says comes of it. */
export interface PlayBlock extends Required<PlayRequest> {
  /** Of the block in its document, from 1. */
  readonly line: number;
  /** The text of the block behind it that is marked `text run`; absent where there is none. */
  readonly shown?: string;
}

const fences = /^```(\w+)((?: [\w-]+(?:=\S+)?)*)\n([\s\S]*?)^```$/gm;

interface Fence {
  readonly line: number;
  readonly language: string;
  /** What stands behind the language: `name=value`, or a name alone. */
  readonly marks: ReadonlyMap<string, string>;
  readonly text: string;
}

function fencesOf(document: string): readonly Fence[] {
  return Array.from(
    document.matchAll(fences),
    ({ index, 1: language = "", 2: info = "", 3: text = "" }) => ({
      line: document.slice(0, index).split("\n").length,
      language,
      marks: marksOf(info),
      text,
    }),
  );
}

/** The marks of a fence's info: what stands behind its language. */
export function marksOf(info: string): ReadonlyMap<string, string> {
  const words = info
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  return new Map(
    words.map((word): [string, string] => {
      const [name = "", value = ""] = word.split("=");
      return [name, value];
    }),
  );
}

/**
 * The blocks of a document that are played: ` ```ts play=<file> `, where a block ` ```json file=<file> ` of the same document is the input. `every=<ms>` says how
 * long after a line the next one comes, and `open-ended` that the streams do not end.
 * @throws where the input is not there.
 */
export function playBlocksOf(document: string): readonly PlayBlock[] {
  const all = fencesOf(document);
  const files = new Map(all.map(({ marks, text }) => [marks.get("file"), text]));
  return all.flatMap(({ line, marks, text }, at) => {
    const name = marks.get("play");
    if (name === undefined) return [];
    const input = files.get(name);
    if (input === undefined) throw new Error(`Line ${line}: there is no block with file=${name}.`);
    const next = all[at + 1];
    const shown = next?.language === "text" && next.marks.has("run") ? next.text : undefined;
    return [
      {
        line,
        text,
        input,
        everyMs: Number(marks.get("every") ?? 1_000),
        ends: !marks.has("open-ended"),
        ...(shown !== undefined && { shown }),
      },
    ];
  });
}
