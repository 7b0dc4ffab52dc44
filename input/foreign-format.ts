/** What files begin with that hold no text, read as UTF-8. */
const starts: readonly (readonly [start: string, name: string])[] = [
  ["PAR1", "Parquet"],
  ["Obj\u0001", "Avro"],
  ["ORC", "ORC"],
  ["ARROW1", "Arrow"],
  ["PK\u0003\u0004", "a zip archive, or a workbook of Excel"],
  ["BZh", "bzip2"],
  ["\ufffd7zXZ", "xz"],
  ['\u0004"M\u0018', "lz4"],
  // Marks of its byte order.
  ["\ufffd\ufffd", "UTF-16"],
];

const patterns: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(?:[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/, "UTF-16"],
  [/^\s*<(?:[?!]|[a-z][^\n]*>)/i, "XML or HTML"],
  [/^[^\n]*\0/, "no text"],
];

/** What a text seems to be that holds no documents which can be read; undefined where it may hold some. */
export function foreignFormat(text: string): string | undefined {
  return (
    starts.find(([start]) => text.startsWith(start))?.[1] ??
    patterns.find(([pattern]) => pattern.test(text))?.[1]
  );
}
