/** How producers compress what they put into a record. */
export type CompressionFormat = "gzip" | "zstd";

/** Opens what somebody else has compressed. */
export interface Decompression {
  /**
   * All members or frames that the bytes consist of, joined.
   * @throws for damaged bytes, for bytes behind the last member, and for what holds more than `maxBytes`.
   */
  open(format: CompressionFormat, data: Uint8Array, maxBytes: number): Uint8Array;
}
