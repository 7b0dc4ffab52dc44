/**
 * MessagePack as anybody reads it who knows its specification and docs/formats.md, and nothing of ours: what a program in another language would
 * do. Shares no code with the runtime.
 */
export interface Extension {
  readonly type: number;
  readonly data: Buffer;
}

export function decodePlain(data: Buffer): unknown {
  let at = 0;
  const take = (size: number): Buffer => {
    if (at + size > data.length) throw new Error("cut off");
    return data.subarray(at, (at += size));
  };
  const unsigned = (size: number): number => take(size).readUIntBE(0, size);
  const text = (size: number): string => take(size).toString("utf8");
  const list = (size: number): unknown[] => Array.from({ length: size }, value);
  const extension = (size: number): Extension => ({ type: take(1).readInt8(), data: take(size) });
  const map = (size: number): unknown => {
    const fields: Record<string, unknown> = {};
    for (let left = size; left > 0; left--) {
      const name = value();
      if (typeof name !== "string") throw new Error("a map with a key that is no text");
      fields[name] = value();
    }
    return fields;
  };

  function value(): unknown {
    const tag = unsigned(1);
    if (tag < 0x80) return tag;
    if (tag < 0x90) return map(tag & 0x0f);
    if (tag < 0xa0) return list(tag & 0x0f);
    if (tag < 0xc0) return text(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    const read: Readonly<Record<number, () => unknown>> = {
      0xc0: () => null,
      0xc2: () => false,
      0xc3: () => true,
      0xc4: () => take(unsigned(1)),
      0xc5: () => take(unsigned(2)),
      0xc6: () => take(unsigned(4)),
      0xc7: () => extension(unsigned(1)),
      0xc8: () => extension(unsigned(2)),
      0xc9: () => extension(unsigned(4)),
      0xca: () => take(4).readFloatBE(),
      0xcb: () => take(8).readDoubleBE(),
      0xcc: () => unsigned(1),
      0xcd: () => unsigned(2),
      0xce: () => unsigned(4),
      0xcf: () => take(8).readBigUInt64BE(),
      0xd0: () => take(1).readInt8(),
      0xd1: () => take(2).readInt16BE(),
      0xd2: () => take(4).readInt32BE(),
      0xd3: () => take(8).readBigInt64BE(),
      0xd4: () => extension(1),
      0xd5: () => extension(2),
      0xd6: () => extension(4),
      0xd7: () => extension(8),
      0xd8: () => extension(16),
      0xd9: () => text(unsigned(1)),
      0xda: () => text(unsigned(2)),
      0xdb: () => text(unsigned(4)),
      0xdc: () => list(unsigned(2)),
      0xdd: () => list(unsigned(4)),
      0xde: () => map(unsigned(2)),
      0xdf: () => map(unsigned(4)),
    };
    const each = read[tag];
    if (each === undefined) throw new Error(`${tag} begins no value`);
    return each();
  }

  const decoded = value();
  if (at !== data.length) throw new Error("something follows");
  return decoded;
}
