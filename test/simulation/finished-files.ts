/** Where what a finished file holds was staged. */
export interface StagedPlace {
  readonly generation: number;
  readonly slot: string;
  readonly version: number;
}

/** Of the name of a file: `<folder>/<generation>/<slot>/<version>-<id>.jsonl`. */
export function placeOfFile(key: string): StagedPlace {
  const [, generation, ...rest] = key.split("/");
  const version = Number.parseInt(rest.pop() ?? "", 10);
  return { generation: Number(generation), slot: rest.join("/"), version };
}

export function documentsOf(data: Uint8Array): readonly unknown[] {
  const lines = new TextDecoder().decode(data).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as unknown);
}
