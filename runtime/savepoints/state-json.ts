/**
 * Values of state as JSON. What JSON lacks stands as an object with one field that begins with "$" (docs/checkpoints.md); an
 * object of the user that has such a field stands within `{"$object": …}`.
 */
export function stateJson(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $bigint: String(value) };
    case "number":
      return Number.isFinite(value) ? value : { $number: String(value) };
    case "undefined":
      return { $undefined: true };
    case "object":
      return value === null ? null : objectJson(value);
    default:
      return value;
  }
}

function objectJson(value: object): unknown {
  if (Array.isArray(value)) return value.map(stateJson);
  if (value instanceof Date)
    return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (value instanceof Map)
    return { $map: Array.from(value, ([key, item]) => [stateJson(key), stateJson(item)]) };
  if (value instanceof Set) return { $set: Array.from(value, stateJson) };
  if (value instanceof RegExp) return { $regexp: [value.source, value.flags] };
  if (value instanceof Error) return { $error: { name: value.name, message: value.message } };
  if (value instanceof ArrayBuffer) return { $bytes: base64(new Uint8Array(value)) };
  if (ArrayBuffer.isView(value)) return viewJson(value);
  const fields = Object.entries(value).map(([name, item]) => [name, stateJson(item)] as const);
  const plain = Object.fromEntries(fields);
  return fields.some(([name]) => name.startsWith("$")) ? { $object: plain } : plain;
}

function viewJson(view: ArrayBufferView): unknown {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (view instanceof Uint8Array || view instanceof DataView) return { $bytes: base64(bytes) };
  const items = Array.from(view as unknown as ArrayLike<number | bigint>, stateJson);
  return { $array: { type: view.constructor.name, items } };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The key that a JSON value stands for: keys have bigints beside what JSON has. */
export function keyOfJson(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(keyOfJson);
  const fields = Object.entries(json);
  const [first] = fields;
  if (fields.length === 1 && first?.[0] === "$bigint") return BigInt(String(first[1]));
  if (fields.length === 1 && first?.[0] === "$number") return Number(first[1]);
  if (fields.length === 1 && first?.[0] === "$object") return mapped(first[1] as object);
  return mapped(json);
}

function mapped(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, item]) => [name, keyOfJson(item)] as const),
  );
}
