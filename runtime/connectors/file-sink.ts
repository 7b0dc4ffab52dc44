import { inputError } from "../errors/millrace-error.ts";
import type { Change } from "../graph/change.ts";
import type { SinkConnector, SinkWrite } from "../graph/connectors.ts";
import { checkSynchronous, synchronous } from "../graph/synchronous.ts";
import { jsonFits } from "./json-bytes.ts";
import { jsonCopy } from "./json-copy.ts";
import { checkFolderName } from "./names.ts";
import type { StagedSpec } from "./sink-spec.ts";

export interface FileSinkOptions<T> {
  /** Name of the folder that the files appear in: 1 to 100 letters, digits, "_" and "-". Several sinks may share one. */
  readonly folder: string;
  /**
   * The JSON document of a line. Windows that fire again give "replace", and sessions that a merge swallowed "delete": a file takes
   * nothing back, so say it in the document where readers must know. Default: the element, whatever the change.
   */
  readonly toLine?: (value: T, change: Change) => unknown;
}

const lineMaxBytes = 1_000_000;

/**
 * Writes each element as a line of JSON, exactly once: files appear as a whole when the epoch is complete that their lines belong
 * to (docs/protocol.md 6.9), and never change. The job must take checkpoints, which say how late that is.
 * @throws MillraceError `folder-name-invalid`
 */
export function fileSink<T>(options: FileSinkOptions<T>): SinkConnector<T> {
  const { folder, toLine = (value: T) => value } = options;
  checkFolderName(folder);
  checkSynchronous(toLine, { what: `toLine of the sink for folder "${folder}"` });
  return Object.freeze<SinkConnector<T>>({
    type: "files",
    target: folder,
    guarantee: "exactly-once, with each epoch",
    copies: options.toLine === undefined,
    encode(value, change) {
      const document = jsonCopy(synchronous(toLine(value, change), "toLine"), "line");
      if (!jsonFits(document, lineMaxBytes)) throw tooLong(folder);
      return { kind: "line", text: JSON.stringify(document) };
    },
  });
}

export const fileSpec: StagedSpec = {
  resource: ({ target }) => ({ kind: "folder", name: target }),
  stage: (writes) => new TextEncoder().encode(writes.map(lineOf).join("")),
  commit: async ({ ports, target }, { name, content }) => {
    await ports.files.put(`${target}/${name}.jsonl`, content, { ifAbsent: true });
  },
};

function lineOf(write: SinkWrite): string {
  if (write.kind !== "line") throw new Error(`A file takes no ${write.kind}.`);
  return `${write.text}\n`;
}

function tooLong(folder: string): Error {
  return inputError("record-too-large", {
    message: `A line for folder "${folder}" is larger than 1,000,000 bytes.`,
    next: "Make smaller elements with map before the sink, or with its toLine.",
  });
}
