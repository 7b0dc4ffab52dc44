import { murmur3 } from "./murmur3.ts";

/** Content with a checksum of what it says, however its text is laid out: eight hex digits over its JSON without blanks. */
export function withChecksum<T extends object>(content: T): T & { readonly checksum: string } {
  return { ...content, checksum: checksumOf(content) };
}

/** The content that a checksum was given to; undefined where it has none or another one. */
export function verified<T extends object>(
  checked: T & { readonly checksum?: unknown },
): T | undefined {
  const { checksum, ...content } = checked;
  return checksum === checksumOf(content) ? (content as unknown as T) : undefined;
}

function checksumOf(content: object): string {
  const hash = murmur3(new TextEncoder().encode(JSON.stringify(content)));
  return hash.toString(16).padStart(8, "0");
}
