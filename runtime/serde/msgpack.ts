import { addExtension, Unpackr } from "msgpackr";
import { extensionTypes } from "./message-bytes.ts";
import { MessageWriter, noShapes } from "./message-writer.ts";
import { maxValueObjects, refused, refuseValue } from "./value-fault.ts";

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

/** Defines the fields: to assign "__proto__" would not make one. */
function withFields(object: object, fields: readonly unknown[]): object {
  for (let at = 0; at < fields.length; at += 2) {
    const value = fields[at + 1];
    Object.defineProperty(object, fields[at] as string, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return object;
}

const writer = new MessageWriter();

/**
 * MessagePack for everything that is persisted: a self-contained message in bytes of its own. `about` says what is written, for the error.
 * @throws MillraceError `value-not-storable` that names the place of whatever would not come back as it is.
 */
export function packMessage(value: unknown, about?: string): Uint8Array {
  return pack(value, about, false);
}

/** The same for what is made here, of values that were copied or packed before: it is plain data, and taken for it. */
export function packOurs(message: unknown): Uint8Array {
  return pack(message, undefined, true);
}

function pack(value: unknown, about: string | undefined, isOurs: boolean): Uint8Array {
  writer.length = 0;
  writer.shapes = noShapes();
  writer.isOurs = isOurs;
  // What is ours holds whole states of many values.
  writer.objectsMax = about === undefined ? Number.POSITIVE_INFINITY : maxValueObjects;
  try {
    writer.value(value);
    return writer.slice(0);
  } catch (thrown) {
    if (thrown !== refused) throw thrown;
    return refuseValue(value, about ?? "A message");
  }
}

export function unpackMessage(bytes: Uint8Array): unknown {
  return reader.unpack(plainBytes(bytes));
}

/** A value that user code may change: it shares nothing with the bytes. */
export function unpackValue(bytes: Uint8Array): unknown {
  return valueReader.unpack(plainBytes(bytes));
}

/** Of a Buffer, which is what some stores give, the reader would cut Buffers. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
