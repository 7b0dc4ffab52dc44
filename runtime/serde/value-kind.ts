/** What an object is as a value that is kept or sent. Objects of any other kind would not come back as they were. */
export type ValueKind =
  | "record"
  /** A record without a prototype. */
  | "bare"
  | "array"
  | "map"
  | "set"
  | "date"
  | "regExp"
  | "typedArray"
  | "arrayBuffer"
  | "dataView";

/** In the order of their codes in a message. */
export const typedArrays = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

export type TypedArray = InstanceType<(typeof typedArrays)[number]>;

const kinds: ReadonlyMap<object | null, ValueKind> = new Map<object | null, ValueKind>([
  [null, "bare"],
  [Object.prototype, "record"],
  [Array.prototype, "array"],
  [Map.prototype, "map"],
  [Set.prototype, "set"],
  [Date.prototype, "date"],
  [RegExp.prototype, "regExp"],
  [ArrayBuffer.prototype, "arrayBuffer"],
  [DataView.prototype, "dataView"],
  ...typedArrays.map((type) => [type.prototype, "typedArray"] as const),
]);

/**
 * The kind of an object by its prototype, which must be the very one: an instance of a class, of a subclass of Map or Uint8Array
 * too (Buffer), has undefined.
 */
export function kindOf(value: object): ValueKind | undefined {
  const prototype: object | null = Object.getPrototypeOf(value);
  const kind = kinds.get(prototype);
  if (kind !== undefined || prototype === null) return kind;
  // The Object.prototype of another realm, as test runners make them.
  return Object.hasOwn(prototype, "isPrototypeOf") ? "record" : undefined;
}

/** Whether a record has nothing but so many fields that are enumerable: no symbols, and no hidden ones. */
export function hasOnlyFields(value: object, count: number): boolean {
  return fieldCount(value) === count;
}

/** How many fields a record has, hidden ones too; NaN where some are symbols. */
export function fieldCount(value: object): number {
  const hasSymbols = Object.getOwnPropertySymbols(value).length > 0;
  return hasSymbols ? Number.NaN : Object.getOwnPropertyNames(value).length;
}

/** Whether an array has an element in each place, and nothing else. */
export function isDense(value: readonly unknown[]): boolean {
  // Values are counted much faster than names are made. A gap reads as undefined.
  return (
    Object.values(value).length === value.length &&
    (!value.includes(undefined) || Object.keys(value).every((key, at) => key === String(at))) &&
    Object.getOwnPropertySymbols(value).length === 0
  );
}

/** Whether an object that is no record has no fields beside what it is. */
export function hasNoFields(value: object, kind: ValueKind): boolean {
  switch (kind) {
    case "regExp":
      return Reflect.ownKeys(value).length === 1 && (value as RegExp).lastIndex === 0;
    case "typedArray":
      return isPlainMemory((value as TypedArray).buffer);
    case "dataView":
      return isPlainMemory((value as DataView).buffer) && Reflect.ownKeys(value).length === 0;
    case "arrayBuffer":
      return isPlainMemory(value as ArrayBuffer) && Reflect.ownKeys(value).length === 0;
    default:
      return Reflect.ownKeys(value).length === 0;
  }
}

/** Neither shared between threads nor of a size that changes. */
function isPlainMemory(memory: ArrayBufferLike): boolean {
  return (
    Object.getPrototypeOf(memory) === ArrayBuffer.prototype && !(memory as ArrayBuffer).resizable
  );
}
