/** A copy with one bit flipped. */
export function withBitFlipped(data: Uint8Array, bit: number): Uint8Array {
  return Uint8Array.from(data).with(bit >> 3, data[bit >> 3]! ^ (1 << (bit & 7)));
}
