/** `order => order.placedMs`, and `({ placedMs }) => placedMs`, also as a bundler shortens them. */
const forms = [
  /^\(?\s*([\w$]+)\s*\)?\s*=>\s*\1\.[\w$]+$/,
  /^\(\s*\{\s*(?:[\w$]+\s*:\s*)?([\w$]+)\s*,?\s*\}\s*\)\s*=>\s*\1$/,
];

/**
 * Whether a function is written so that it can do nothing but take one field of what it is given: neither keep it nor change it. It is
 * not called: what it would be called with could be what it keeps.
 */
export function isPlainAccess(fn: (value: never) => unknown): boolean {
  const text = String(fn);
  return forms.some((form) => form.test(text));
}
