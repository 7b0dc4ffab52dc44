import type { KeyValue } from "../graph/key-value.ts";
import { fieldsOf, keyHash, maxKeyDepth, nestedTooDeep } from "./key-bytes.ts";
import { invalidKey, maxKeyBytes } from "./key-sink.ts";

/**
 * Identity of a key in a Map: the key itself where Map compares it rightly, else a text of what it is made of, which no
 * plain key can equal.
 * @throws MillraceError `key-invalid`
 */
export function keyIdentity(key: KeyValue): string | number | boolean | bigint {
  switch (typeof key) {
    case "string":
      return key.charCodeAt(0) === 0 ? identityOfParts(key) : key;
    case "number":
      if (Number.isNaN(key)) throw invalidKey("it is NaN");
      return key;
    case "boolean":
    case "bigint":
      return key;
    default:
      return identityOfParts(key);
  }
}

/** A part has five times as many bytes as characters at most: shorter texts are of keys that are short enough. */
const checkedFromLength = Math.floor(maxKeyBytes / 5);

function identityOfParts(key: KeyValue): string {
  const text = `\0${partText(key, 0)}`;
  if (text.length > checkedFromLength) keyHash(key);
  return text;
}

/** Each part says where it ends, so that no two keys have one text. */
function partText(key: KeyValue, depth: number): string {
  if (depth > maxKeyDepth) throw nestedTooDeep();
  switch (typeof key) {
    case "number":
      if (Number.isNaN(key)) throw invalidKey("it is NaN");
      return `${key} `;
    case "string":
      return `"${key.length} ${key}`;
    case "boolean":
      return key ? "t" : "f";
    case "bigint":
      return `${key}n`;
    case "object":
      return compositeText(key, depth);
    default:
      throw invalidKey(`it is ${typeof key}`);
  }
}

function compositeText(key: KeyValue & object, depth: number): string {
  if (key === null) throw invalidKey("it is null");
  if (Array.isArray(key)) {
    let text = `[${key.length} `;
    for (const item of key as readonly KeyValue[]) text += partText(item, depth + 1);
    return text;
  }
  const fields = fieldsOf(key);
  let text = `{${fields.length} `;
  for (const [name, value] of fields) text += `${name.length} ${name}${partText(value, depth + 1)}`;
  return text;
}
