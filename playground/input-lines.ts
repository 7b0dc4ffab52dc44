import { jobError } from "../runtime/errors/millrace-error.ts";

/** A line of what is played: a document, and the stream that it is put into. */
export interface InputLine {
  /** From 1. */
  readonly line: number;
  readonly stream: string;
  readonly document: string;
}

/**
 * The lines of an input, empty ones and those that begin with "#" left out. Of a job that reads several streams each begins with the
 * name of its stream and a space.
 * @throws MillraceError `input-stream-unknown`
 */
export function inputLines(text: string, streams: readonly string[]): readonly InputLine[] {
  const lines = text.split("\n").map((content, at) => ({ content: content.trim(), line: at + 1 }));
  return lines
    .filter(({ content }) => content !== "" && !content.startsWith("#"))
    .map(({ content, line }) => {
      const [only, ...others] = streams;
      if (only !== undefined && others.length === 0)
        return { line, stream: only, document: content };
      const stream = content.split(" ", 1)[0] ?? "";
      if (!streams.includes(stream)) throw unknownStream(line, streams);
      return { line, stream, document: content.slice(stream.length).trim() };
    });
}

function unknownStream(line: number, streams: readonly string[]): Error {
  return jobError("input-stream-unknown", {
    message: `Line ${line} of the input does not begin with the name of a stream.`,
    next: `The job reads ${streams.join(" and ")}: begin each line with one of them and a space.`,
  });
}
