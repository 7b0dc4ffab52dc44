/** The texts of bytes in UTF-8 that come in pieces cut anywhere. */
export interface TextPieces {
  readonly texts: AsyncIterable<string>;
  /** Bytes were met that are no UTF-8: a "\ufffd" stands for them. */
  readonly hasBadBytes: () => boolean;
}

/** A mark of UTF-8 at the beginning is left out. */
export function decodeText(pieces: AsyncIterable<Uint8Array>): TextPieces {
  let isBad = false;
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
  const decode = (bytes: Uint8Array): string => {
    try {
      return strict.decode(bytes);
    } catch {
      isBad = true;
      return lenient.decode(bytes);
    }
  };
  async function* texts(): AsyncGenerator<string> {
    let rest: Uint8Array = new Uint8Array();
    let isFirst = true;
    for await (const piece of pieces) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const whole = wholeBytes(bytes);
      rest = bytes.subarray(whole);
      const text = decode(bytes.subarray(0, whole));
      yield isFirst ? text.replace(/^\ufeff/, "") : text;
      isFirst = false;
    }
    if (rest.length > 0) yield decode(rest);
  }
  return { texts: texts(), hasBadBytes: () => isBad };
}

const characterMaxBytes = 4;

/** Up to the end of the last character that is whole. */
function wholeBytes(bytes: Uint8Array): number {
  for (let back = 1; back < characterMaxBytes && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
