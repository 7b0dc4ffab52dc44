import { addExtension, Unpackr } from "msgpackr";
import { extensionTypes } from "./message-bytes.ts";
import { MessageWriter, noShapes } from "./message-writer.ts";
import { readMessage } from "./read-message.ts";
import { maxValueObjects, refused, refuseValue } from "./value-fault.ts";
import { withFields } from "./with-fields.ts";

const options = { useRecords: true, moreTypes: true };
const reader = new Unpackr(options);
/** For values that user code gets: bytes in them are their own, so that nothing done to them shows in the message. */
const valueReader = new Unpackr({ ...options, copyBuffers: true });

addExtension({
  type: extensionTypes.looseText,
  unpack(units: Uint8Array) {
    const view = new DataView(units.buffer, units.byteOffset, units.byteLength);
    let text = "";
    for (let at = 0; at < units.length; at += 2) text += String.fromCharCode(view.getUint16(at));
    return text;
  },
});
addExtension({ type: extensionTypes.fields, read: (fields: unknown[]) => withFields({}, fields) });
addExtension({
  type: extensionTypes.bareFields,
  read: (fields: unknown[]) => withFields(Object.create(null) as object, fields),
});

const writer = new MessageWriter();

/**
 * MessagePack for what travels: a self-contained message in bytes of its own. `about` says what is written, for the error.
 * @throws MillraceError `value-not-storable` that names the place of whatever would not come back as it is.
 */
export function packMessage(value: unknown, about?: string): Uint8Array {
  return pack({ value, about });
}

/**
 * The same for what is made here, of values that were copied or packed before: it is plain data, and taken for it. The bytes stand
 * only until the next message is written.
 */
export function viewOfOurs(message: unknown): Uint8Array {
  return view({ value: message, isOurs: true });
}

/** MessagePack for what is kept, which any reader of MessagePack understands (docs/formats.md). @throws as {@link packMessage} */
export function packPlain(value: unknown, about?: string): Uint8Array {
  return pack({ value, about, isPlain: true });
}

export function packOursPlain(message: unknown): Uint8Array {
  return viewOfOursPlain(message).slice();
}

/** The same, in bytes that stand only until the next message is written. */
export function viewOfOursPlain(message: unknown): Uint8Array {
  return view({ value: message, isOurs: true, isPlain: true });
}

/** Columns of values in one message: an array of arrays. Each value may be as large and as deep as one may be by itself. */
export function packColumns(
  columns: readonly (readonly unknown[])[],
  { about, isPlain = false }: Pick<Packing, "about" | "isPlain"> = {},
): Uint8Array {
  write({ value: columns, about, isPlain }, () => {
    writer.arrayOf(columns.length);
    for (const column of columns) {
      writer.arrayOf(column.length);
      for (const value of column) writer.value(value);
    }
  });
  return writer.slice(0);
}

interface Packing {
  readonly value: unknown;
  readonly about?: string | undefined;
  readonly isOurs?: boolean;
  readonly isPlain?: boolean;
}

function pack(packing: Packing): Uint8Array {
  write(packing, () => writer.value(packing.value));
  return writer.slice(0);
}

function view(packing: Packing): Uint8Array {
  write(packing, () => writer.value(packing.value));
  return writer.written();
}

function write(
  { value, about, isOurs = false, isPlain = false }: Packing,
  content: () => void,
): void {
  writer.length = 0;
  writer.shapes = noShapes();
  writer.isOurs = isOurs;
  writer.isPlain = isPlain;
  // What is ours holds whole states of many values.
  writer.objectsMax = about === undefined ? Number.POSITIVE_INFINITY : maxValueObjects;
  try {
    content();
  } catch (thrown) {
    if (thrown !== refused) throw thrown;
    refuseValue(value, about ?? "A message");
  }
}

export function unpackMessage(bytes: Uint8Array): unknown {
  return readCompact(asUint8Array(bytes), reader, false);
}

/** A value that user code may change: it shares nothing with the bytes. */
export function unpackValue(bytes: Uint8Array): unknown {
  return readCompact(asUint8Array(bytes), valueReader, true);
}

/** msgpackr has written messages in ways in which they are not written any more, and says of damaged ones what is wrong. */
function readCompact(bytes: Uint8Array, older: Unpackr, copies: boolean): unknown {
  try {
    return readMessage(bytes, { isPlain: false, copies });
  } catch {
    return older.unpack(bytes);
  }
}

/** A plain message; bytes in it are views of it. */
export function unpackPlain(bytes: Uint8Array): unknown {
  return readMessage(asUint8Array(bytes), { isPlain: true, copies: false });
}

/** The same for a value that user code may change. */
export function unpackPlainValue(bytes: Uint8Array): unknown {
  return readMessage(asUint8Array(bytes), { isPlain: true, copies: true });
}

/** Of a Buffer, which is what some stores give, the reader would cut Buffers. */
function asUint8Array(bytes: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
