/**
 * How many bytes the first zstd frame of some data takes (RFC 8878, section 3.1).
 * @throws where it is cut off: not every Node says so
 */
export function zstdFrameBytes(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 8) throw cutOff();
  const isSkippable = view.getUint32(0, true) >>> 4 === 0x184d2a5;
  if (isSkippable) return within(data, 8 + view.getUint32(4, true));
  const descriptor = data[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
  let at = 5 + (isSingle ? 0 : 1) + idBytes + sizeBytes;
  for (let isLast = false; !isLast;) {
    if (at + 3 > data.length) throw cutOff();
    const header = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16);
    isLast = (header & 1) === 1;
    const isRepeatedByte = ((header >>> 1) & 3) === 1;
    at += 3 + (isRepeatedByte ? 1 : header >>> 3);
  }
  return within(data, at + ((descriptor & 4) === 0 ? 0 : 4));
}

function within(data: Uint8Array, bytes: number): number {
  if (bytes > data.length) throw cutOff();
  return bytes;
}

const cutOff = (): Error => new Error("a frame is cut off");
