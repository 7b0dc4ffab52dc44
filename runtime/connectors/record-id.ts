export interface RecordId { readonly slot: string; readonly generation: number; readonly version: number; readonly index: number }
export function encodeAppended(id: RecordId, value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ millrace: id, value }));
}
