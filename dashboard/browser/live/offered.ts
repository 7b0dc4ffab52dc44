import { read } from "./client.ts";

let paths: ReadonlySet<string> = new Set();

/** Reads what the API that serves this page offers: an older or a smaller one has fewer pages. */
export async function readOffered(): Promise<void> {
  const { paths: known } = await read<{ readonly paths: object }>("/openapi.json");
  paths = new Set(Object.keys(known));
}

/** Whether there is a path, as the API's own document writes it. */
export const isOffered = (path: string): boolean => paths.has(path);
