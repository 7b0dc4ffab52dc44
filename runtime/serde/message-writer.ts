import { extensionTypes, firstShapeId, MessageBytes, plainTypes } from "./message-bytes.ts";
import { maxValueDepth, maxValueObjects, refused } from "./value-fault.ts";
import {
  hasNoFields,
  hasOnlyFields,
  isDense,
  kindOf,
  type TypedArray,
  typedArrays,
  type ValueKind,
} from "./value-kind.ts";

class Itself {
  constructor(object: object) {
    return object;
  }
}

/** A mark that nobody sees: what the parent's constructor answers gets the field. A WeakSet would cost the collector dear. */
class InnerMessage extends Itself {
  // oxlint-disable-next-line no-unused-private-class-members -- read by is() with "in", which the rule doesn't see
  readonly #brand = true;

  static is(bytes: object): boolean {
    return #brand in bytes;
  }
}

/** Marks a message that goes into another one as binary, which is read as a view. Arrays of users get memory of their own. */
export function asInnerMessage(bytes: Uint8Array): Uint8Array {
  return new InnerMessage(bytes) as unknown as Uint8Array;
}

/** The shapes of the records of one message, by the ids under which they were defined. */
export interface Shapes {
  readonly names: (readonly string[])[];
  /** How many were defined: beyond those that there are ids for, the oldest id is given anew. */
  defined: number;
}

export function noShapes(): Shapes {
  return { names: [], defined: 0 };
}

const shapesMax = 64;
/** So many shapes are remembered beyond their message. */
const definitionsMax = 16;

/**
 * Writes values as MessagePack, compact or plain. Compact messages have msgpackr's extensions: records, whose field names stand once in a message, and types beyond JSON.
 * What the reader would give back otherwise than it was is refused: msgpackr's own writer changes it without a word.
 */
export class MessageWriter extends MessageBytes {
  readonly #definitions: Definition[] = [];
  #defined = 0;
  #objectsLeft = 0;
  /** A value may hold so many objects. */
  objectsMax = maxValueObjects;
  /** Of the message that is being written. */
  shapes = noShapes();
  /** The message is ours: nobody has put fields beside what its parts are, and that is not looked for. */
  isOurs = false;
  /** The message is one that any reader of MessagePack understands: records are maps, and no extension reaches beyond its bytes. */
  isPlain = false;

  /** @throws refused for what would not come back as it was; what was written of the value has to be dropped. */
  value(value: unknown, depth = 0): void {
    switch (typeof value) {
      case "string":
        if (!this.text(value)) this.looseText(value);
        return;
      case "number":
        return this.number(value);
      case "boolean":
        return this.byte(value ? 0xc3 : 0xc2);
      case "object":
        if (value === null) this.byte(0xc0);
        else this.#object(value, depth);
        return;
      case "undefined":
        return this.#extended(0);
      case "bigint":
        return this.bigint(value);
      default:
        throw refused;
    }
  }

  #object(value: object, depth: number): void {
    if (depth === 0) this.#objectsLeft = this.objectsMax;
    if (depth > maxValueDepth || this.#objectsLeft-- <= 0) throw refused;
    if (Object.getPrototypeOf(value) === Object.prototype) return this.#record(value, depth);
    const kind = kindOf(value);
    if (kind === undefined) throw refused;
    switch (kind) {
      case "record":
        return this.#record(value, depth);
      case "bare":
        return this.#fields(
          this.isPlain ? plainTypes.bareFields : extensionTypes.bareFields,
          value,
          depth,
        );
      case "array":
        if (!this.isOurs && !isDense(value as unknown[])) throw refused;
        return this.#array(value as unknown[], depth);
      default:
        if (!this.isOurs && !hasNoFields(value, kind)) throw refused;
        this.#content(value, kind, depth);
    }
  }

  #content(value: object, kind: ValueKind, depth: number): void {
    switch (kind) {
      case "map":
        return this.#map(value as Map<unknown, unknown>, depth);
      case "set":
        return this.#listed("set", [...(value as Set<unknown>)], depth);
      case "date":
        return this.#date((value as Date).getTime());
      case "regExp":
        return this.#listed("regExp", [(value as RegExp).source, (value as RegExp).flags], depth);
      case "arrayBuffer":
        return this.#typed(0x10, new Uint8Array(value as ArrayBuffer));
      case "dataView":
        return this.#typed(0x11, bytesOf(value as DataView));
      case "typedArray":
        if (InnerMessage.is(value) || (this.isPlain && value instanceof Uint8Array))
          return this.binary(value as Uint8Array);
        if (value instanceof Uint8Array) return this.#typed(codeOfBytes, value);
        return this.#typed(codeOf(value as TypedArray), bytesOf(value as TypedArray));
      default:
    }
  }

  #record(record: object, depth: number): void {
    const { isPlain } = this;
    const names = isPlain ? this.#plainNames(record) : this.#shapeOf(record);
    if (names === undefined)
      return this.#fields((isPlain ? plainTypes : extensionTypes).fields, record, depth);
    if (!this.isOurs && !hasOnlyFields(record, names.length)) throw refused;
    // Values are got at much faster than by name. A record's own fields come first, and in the order of its keys.
    let left = names.length;
    for (const name in record) {
      if (left === 0) break;
      left -= 1;
      if (isPlain) this.text(name);
      this.value((record as Record<string, unknown>)[name], depth + 1);
    }
    // A getter has taken some away.
    if (left > 0) throw refused;
  }

  /** Writes how many fields a record has, and answers their names; undefined where they can't be those of a record. */
  #plainNames(record: object): readonly string[] | undefined {
    const names = this.#definitionOf(record)?.names;
    if (names !== undefined) this.count(names.length, 0x80, 0xde);
    return names;
  }

  /** The same with the id of the shape. */
  #shapeOf(record: object): readonly string[] | undefined {
    const known = this.shapes.names;
    for (let at = 0; at < known.length; at++) {
      const names = known[at] as readonly string[];
      if (!areNamesOf(record, names)) continue;
      this.byte(firstShapeId + at);
      return names;
    }
    return this.#define(record);
  }

  /** Writes the names of a record's fields under an id. */
  #define(record: object): readonly string[] | undefined {
    const definition = this.#definitionOf(record);
    if (definition === undefined) return undefined;
    const { shapes } = this;
    const at = shapes.defined++ % shapesMax;
    shapes.names[at] = definition.names;
    this.byte(0xd4);
    this.byte(extensionTypes.record);
    this.byte(firstShapeId + at);
    this.raw(definition.bytes);
    return definition.names;
  }

  /** Most messages are small, and define the shapes that the one before has defined. */
  #definitionOf(record: object): Definition | undefined {
    for (const known of this.#definitions) if (areNamesOf(record, known.names)) return known;
    const names = Object.keys(record);
    if (!names.every(isRecordName)) return undefined;
    const start = this.length;
    this.#array(names, 0);
    const definition = { names, bytes: this.slice(start) };
    this.length = start;
    this.#definitions[this.#defined++ % definitionsMax] = definition;
    return definition;
  }

  #fields(type: number, record: object, depth: number): void {
    const names = Object.keys(record);
    if (!hasOnlyFields(record, names.length)) throw refused;
    this.#tagged(type, () => {
      this.arrayOf(names.length * 2);
      for (const name of names) {
        this.value(name);
        this.value((record as Record<string, unknown>)[name], depth + 1);
      }
    });
  }

  #map(map: Map<unknown, unknown>, depth: number): void {
    const parts = () => {
      for (const [key, part] of map) {
        this.value(key, depth + 1);
        this.value(part, depth + 1);
      }
    };
    if (this.isPlain) {
      this.nested(plainTypes.map, () => {
        this.arrayOf(map.size * 2);
        parts();
      });
      return;
    }
    this.count(map.size, 0x80, 0xde);
    parts();
  }

  #listed(kind: "set" | "regExp", parts: readonly unknown[], depth: number): void {
    const types = this.isPlain ? plainTypes : extensionTypes;
    this.#tagged(types[kind], () => this.#array(parts, depth));
  }

  /** An extension; in a compact message its content follows it. */
  #tagged(type: number, write: () => void): void {
    if (this.isPlain) return this.nested(type, write);
    this.#extended(type);
    write();
  }

  /** By `at`: where an index meets arrays of many kinds, V8 turns each array of numbers that it reads into one of objects, three times as large. */
  #array(elements: readonly unknown[], depth: number): void {
    this.arrayOf(elements.length);
    for (let at = 0; at < elements.length; at++) this.value(elements.at(at), depth + 1);
  }

  /** The tag of an extension whose content follows as a value of its own. */
  #extended(type: number): void {
    this.byte(0xd4);
    this.byte(type);
    this.byte(0);
  }

  #typed(code: number, bytes: Uint8Array): void {
    // Never the short forms: so does msgpackr, whatever the size.
    this.extensionHead(extensionTypes.typed, bytes.length + 1);
    this.byte(code);
    this.raw(bytes);
  }

  #date(timeMs: number): void {
    const seconds = Math.floor(timeMs / 1_000);
    const nanoseconds = (timeMs - seconds * 1_000) * 1_000_000;
    if (Number.isNaN(timeMs) && this.isPlain)
      return this.extension(plainTypes.invalidDate, Uint8Array.of(0));
    if (Number.isNaN(timeMs)) return this.extension(extensionTypes.date, Uint8Array.of(0xff));
    const isNear = seconds >= 0 && seconds < 0x1_0000_0000;
    const bytes = new Uint8Array(isNear ? (nanoseconds === 0 ? 4 : 8) : 12);
    const view = new DataView(bytes.buffer);
    if (!isNear) {
      view.setUint32(0, nanoseconds);
      view.setBigInt64(4, BigInt(seconds));
    } else {
      if (nanoseconds !== 0) view.setUint32(0, nanoseconds * 4);
      view.setUint32(bytes.length - 4, seconds);
    }
    this.extension(extensionTypes.date, bytes);
  }
}

interface Definition {
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
}

/** Whether these are a record's keys. No list of them is made, which would take as long as to write the record. */
function areNamesOf(record: object, names: readonly string[]): boolean {
  let at = 0;
  for (const name in record) {
    // What is inherited comes behind all of its own.
    if (at === names.length) return !Object.hasOwn(record, name);
    if (name !== names[at++]) return false;
  }
  return at === names.length;
}

/** The reader makes other names of these. */
function isRecordName(name: string): boolean {
  return name !== "__proto__" && name.isWellFormed();
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const codeOfBytes = typedArrays.indexOf(Uint8Array);

function codeOf(value: TypedArray): number {
  return typedArrays.findIndex((type) => Object.getPrototypeOf(value) === type.prototype);
}
