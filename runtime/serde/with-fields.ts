/** Gives an object fields, names and values in turn. It defines them: to assign "__proto__" would not make one. */
export function withFields(object: object, fields: readonly unknown[]): object {
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
