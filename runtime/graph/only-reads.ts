/** An arrow function with an expression for a body, and what that is. */
const arrow = /^(?:[\w$]+|\([^()=]*\))\s*=>\s*(?![\s{])([^]+)$/;
const comparisons = /(?<![<>=!])(?:[=!]==?|[<>]=)(?!=)/g;
/** Whatever assigns, calls, or might: texts and comments that look like it as well. */
const effects =
  /[=`]|\+\+|--|\/[/*]|[\w$.)\]}"']\s*\(|\b(?:new|delete|await|yield|function|class|import|instanceof)\b/;
/** `({ … })`: what is in it names its fields one by one. */
const record = /^\(\s*\{([^{}[\]]*)\}\s*\)$/;

/**
 * Whether a condition is written so that it can do nothing but read what it is given: `order => order.total > limit`. It can neither
 * change it nor keep it. Nothing is called for it, and what isn't seen at a glance is not taken for one.
 */
export function onlyReads(condition: (...values: never[]) => unknown): boolean {
  return readingBody(condition) !== undefined;
}

/**
 * Whether a function is written so that each answer is a record of its own, `total => ({ count: total.count + 1 })`, and that it
 * does nothing else. What stands in the record's fields may be of somebody else.
 */
export function makesRecords(fn: (...values: never[]) => unknown): boolean {
  const fields = record.exec(readingBody(fn)?.trim() ?? "")?.[1];
  return fields !== undefined && !fields.includes("...") && !fields.includes("__proto__");
}

/** Of functions that were looked at: a slot is compiled as often as it is loaded. */
const bodies = new WeakMap<object, string | false>();

function readingBody(fn: (...values: never[]) => unknown): string | undefined {
  let known = bodies.get(fn);
  if (known === undefined) bodies.set(fn, (known = bodyOf(String(fn)) ?? false));
  return known === false ? undefined : known;
}

function bodyOf(text: string): string | undefined {
  const body = arrow.exec(text)?.[1];
  return body === undefined || effects.test(body.replaceAll(comparisons, " ")) ? undefined : body;
}
