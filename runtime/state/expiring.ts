import type { StateEntry } from "./state-entry.ts";

/** What is kept of an entry that expires: when it was used last, null where nobody knows yet, and the user's value. */
export type Expiring<V = unknown> = [usedMs: number | null, value: V];

/** When an entry that expires was used last; its value is not decoded for that. */
export function usedMsOf(entry: StateEntry): number | null {
  if (!entry.unread) return (entry.value as Expiring)[0];
  return firstNumber(entry.committed as Uint8Array);
}

/** The same as of the last commit. */
export function committedUsedMs(entry: StateEntry): number | null {
  return entry.committed instanceof Uint8Array ? firstNumber(entry.committed) : null;
}

/** The first item of an array that begins a MessagePack message (docs/formats.md, "Plain messages"); null where that is no number. */
function firstNumber(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const code = view.getUint8(1);
  if (code < 0x80) return code;
  if (code >= 0xe0) return code - 0x100;
  switch (code) {
    case 0xca:
      return view.getFloat32(2);
    case 0xcb:
      return view.getFloat64(2);
    case 0xcc:
      return view.getUint8(2);
    case 0xcd:
      return view.getUint16(2);
    case 0xce:
      return view.getUint32(2);
    case 0xd0:
      return view.getInt8(2);
    case 0xd1:
      return view.getInt16(2);
    case 0xd2:
      return view.getInt32(2);
    default:
      return null;
  }
}
