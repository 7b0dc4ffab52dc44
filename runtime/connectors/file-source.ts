import type { StandardSchemaV1 } from "@standard-schema/spec";
import { inputError } from "../errors/millrace-error.ts";
import type { SourceConnector } from "../graph/connectors.ts";
import type { CompressionFormat, ObjectStore } from "../ports/index.ts";
import { wholeHashSpace } from "../serde/hash-space.ts";
import type { LargeIntegers } from "../serde/parse-json.ts";
import { compressionOf } from "./compression-format.ts";
import { checkSchema } from "./check-schema.ts";
import { checkDecoder, type Decoder, namesColumns } from "./decoder.ts";
import { type DocumentFormat, documentsOf } from "./documents.ts";
import { lineMaxBytes, readLines } from "./lines-of-file.ts";
import { linesUnderNames } from "./lines-under-names.ts";
import { checkFolderName } from "./names.ts";
import type { DocumentReader, SourceSpec, Split, SplitReader } from "./source-spec.ts";

export interface FileSourceOptions<T> {
  /** Folder of the job's files, with all that is below it; names that begin with "." or "_" are left out. */
  readonly folder: string;
  /** As in `kinesisSource`: checks and types the document of each line. */
  readonly schema: StandardSchemaV1<unknown, T>;
  /**
   * How a line becomes documents. "csv": the first line of each file names the columns, unless they are given, and no field goes on in the
   * next line. Default: "json".
   */
  readonly decoder?: Decoder;
  /** As in `kinesisSource`. Default: "refuse". */
  readonly largeIntegers?: LargeIntegers;
}

/** Files of lines. */
export interface FileSource<T>
  extends SourceConnector<T>, Required<Omit<DocumentFormat, "compression">> {
  readonly folder: string;
}

/**
 * Reads the files of a folder, as Flink's FileSource: each line that isn't empty is a document. Files are complete when they
 * appear, and don't change. Those that are there when the job begins are read, then it ends.
 * @throws MillraceError `folder-name-invalid`, `schema-invalid`, `decoder-invalid`, `function-asynchronous`
 */
export function fileSource<T>(options: FileSourceOptions<T>): FileSource<T> {
  const { folder, schema, decoder = "json", largeIntegers = "refuse" } = options;
  checkFolderName(folder);
  checkSchema(schema, `folder "${folder}"`);
  checkDecoder(decoder, `folder "${folder}"`);
  return Object.freeze<FileSource<T>>({
    type: "files",
    stream: `${namePrefix}${folder}`,
    startFrom: "earliest",
    schema,
    dropDuplicates: false,
    folder,
    decoder,
    ...(typeof decoder === "function" && { mayShare: true }),
    largeIntegers,
  });
}

const namePrefix = "files:";

/** Its splits are files, and a place in one is the byte at which a line begins. */
export const fileSourceSpec: SourceSpec<FileSource<unknown>> = {
  resource: ({ stream }) => ({ kind: "folder", name: stream.slice(namePrefix.length) }),
  fedBy: "nobody",
  dividesHashSpace: false,
  reader: ({ source: { folder, decoder }, ports: { files, clock } }) =>
    fileReader({
      folder,
      files,
      hasNames: namesColumns(decoder),
      nowMs: () => clock.nowMs(),
    }),
  documents: lineDocuments,
};

function lineDocuments(
  source: FileSource<unknown>,
  ports: Parameters<typeof documentsOf>[1],
): DocumentReader {
  const { split, parse } = documentsOf(source, ports);
  return {
    split: (record) => {
      const format = compressionOf(record.data);
      if (format !== undefined) throw new Error(compressed(format));
      if (record.data.length < lineMaxBytes) return split(record);
      throw new Error(`its line has ${lineMaxBytes} bytes or more`);
    },
    parse,
  };
}

/** A place in a file is a byte of it, and nobody can begin within what is compressed. */
const compressed = (format: CompressionFormat): string =>
  `the file seems to be ${format}: a file source reads files that aren't compressed`;

interface Folder {
  readonly folder: string;
  readonly files: ObjectStore;
  /** The first line of each file says what its columns are called. */
  readonly hasNames: boolean;
  readonly nowMs: () => number;
}

function fileReader({ folder, files, hasNames, nowMs }: Folder): SplitReader {
  const named = hasNames ? linesUnderNames(files) : undefined;
  return {
    async list() {
      const splits: Split[] = [];
      for await (const key of files.list(`${folder}/`)) {
        const name = key.slice(folder.length + 1);
        if (!isHidden(name)) splits.push(splitOf(folder, name));
      }
      return splits;
    },
    read: async ({ shardId, from, maxRecords }) => {
      const key = `${folder}/${decodeURIComponent(shardId)}`;
      const { lines, isEnd, next } = await readLines(files, { key, from, maxLines: maxRecords });
      const arrivalMs = nowMs();
      const given = named === undefined ? lines : await named(key, lines);
      return {
        records: given.map(({ offset, data }) => ({
          sequence: String(offset),
          partitionKey: "",
          data,
          arrivalMs,
        })),
        ended: isEnd,
        atTip: isEnd,
        next,
      };
    },
  };
}

/** As Hadoop's tools and Flink have it: what is still being written, and what tells of other files. */
function isHidden(name: string): boolean {
  return name
    .split("/")
    .some((part) => part === "" || part.startsWith(".") || part.startsWith("_"));
}

/** Slots, and with them objects, are named after files. */
const maxIdLength = 200;

function splitOf(folder: string, name: string): Split {
  const shardId = encodeURIComponent(name);
  if (shardId.length <= maxIdLength)
    return { shardId, ...wholeHashSpace, parents: [], closed: true };
  throw inputError("file-name-too-long", {
    message: `The name of the file "${name}" in the folder "${folder}" has ${shardId.length} characters where all but letters, digits and - _ . ! ~ * ' ( ) are written as %XX; at most ${maxIdLength} are allowed.`,
    next: "Give it a shorter name.",
  });
}
