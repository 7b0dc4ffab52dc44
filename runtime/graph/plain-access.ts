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
  let answer = answers.get(fn);
  if (answer === undefined) {
    const text = String(fn);
    answers.set(fn, (answer = forms.some((form) => form.test(text))));
  }
  return answer;
}

/** Of functions that were looked at: a slot is compiled as often as it is loaded. */
const answers = new WeakMap<object, boolean>();
