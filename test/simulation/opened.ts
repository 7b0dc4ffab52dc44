import { decodeAppended } from "../../runtime/connectors/record-id.ts";
import { openEnvelope } from "../../runtime/serde/envelope.ts";
import type { EnvelopeKind } from "../../runtime/serde/formats.ts";

const plain = {
  id: 0,
  compress: (data: Uint8Array) => data,
  decompress: (data: Uint8Array) => data,
};

/** No WeakMap: every collection of the heap would look through all of it. */
const known = new Map<Uint8Array, unknown>();

/** Lets go of what a world has stored. */
export function forgetOpened(): void {
  known.clear();
}

/**
 * What bytes that were stored hold. Several checks look at the same ones, and nobody changes them: each is decoded once. What is answered
 * is shared, and must not be changed either.
 */
export function opened<T>(kind: EnvelopeKind, data: Uint8Array): T {
  let content = known.get(data);
  if (content === undefined) known.set(data, (content = openEnvelope(kind, data, plain)));
  return content as T;
}

/** What a record holds that the job has appended; undefined for one without an id. Parsed once, and shared in the same way. */
export function openedAppended(data: Uint8Array): ReturnType<typeof decodeAppended> {
  if (!known.has(data)) known.set(data, decodeAppended(JSON.parse(Buffer.from(data).toString())));
  return known.get(data) as ReturnType<typeof decodeAppended>;
}
