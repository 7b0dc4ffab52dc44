import { refusePattern } from "./check-stages.ts";
import type { Comparison, ConditionData, Scalar } from "./pattern-data.ts";
import type { Condition, ConditionContext } from "./stage.ts";

const depthMax = 20;
const listMax = 1_000;

/**
 * A condition that does what the data says. It reads fields of the element's own and compares them, and can neither throw nor go on for ever.
 * @param stages names that a match has elements under
 * @throws MillraceError `pattern-invalid`
 */
export function dataCondition(given: unknown, stages: readonly string[], depth = 0): Condition {
  if (depth > depthMax || typeof given !== "object" || given === null) return refuse(given);
  const data = given as ConditionData;
  const inner = (part: unknown): Condition => dataCondition(part, stages, depth + 1);
  if ("all" in data) {
    const parts = listOf(data.all).map(inner);
    return (element, context) => parts.every((holds) => holds(element, context));
  }
  if ("any" in data) {
    const parts = listOf(data.any).map(inner);
    return (element, context) => parts.some((holds) => holds(element, context));
  }
  if ("not" in data) {
    const holds = inner(data.not);
    return (element, context) => !holds(element, context);
  }
  if (typeof data.field !== "string") return refuse(given);
  const names = data.field.split(".");
  if ("in" in data) {
    const values = new Set(listOf(data.in));
    return (element) => values.has(fieldOf(element, names) as Scalar);
  }
  if (!Object.hasOwn(comparisons, data.is)) return refuse(given);
  const compares = comparisons[data.is];
  if ("value" in data) {
    const { value } = data;
    return (element) => compares(fieldOf(element, names), value);
  }
  if (typeof data.of !== "object" || !stages.includes(data.of?.stage)) return refuse(given);
  const { stage, field, times = 1 } = data.of;
  if (typeof field !== "string" || !Number.isFinite(times)) return refuse(given);
  const otherNames = field.split(".");
  return (element, { matched }: ConditionContext<unknown>) => {
    const other = (matched as Readonly<Record<string, readonly unknown[]>>)[stage]?.at(-1);
    const found = fieldOf(other, otherNames);
    return compares(fieldOf(element, names), typeof found === "number" ? found * times : found);
  };
}

/** What is missing is undefined, and that is no value. */
const comparisons: Readonly<Record<Comparison, (one: unknown, other: unknown) => boolean>> = {
  "=": (one, other) => one !== undefined && one === other,
  "!=": (one, other) => one !== undefined && one !== other,
  "<": (one, other) => haveOrder(one, other) && (one as number) < (other as number),
  "<=": (one, other) => haveOrder(one, other) && (one as number) <= (other as number),
  ">": (one, other) => haveOrder(one, other) && (one as number) > (other as number),
  ">=": (one, other) => haveOrder(one, other) && (one as number) >= (other as number),
};

/** Texts too, in spite of the cast. */
function haveOrder(one: unknown, other: unknown): boolean {
  return typeof one === typeof other && (typeof one === "number" || typeof one === "string");
}

/** Of fields of its own only: what objects inherit is no data. */
function fieldOf(element: unknown, names: readonly string[]): unknown {
  let value = element;
  for (const name of names) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function listOf<V>(given: readonly V[]): readonly V[] {
  return Array.isArray(given) && given.length <= listMax ? given : refuse(given);
}

function refuse(given: unknown): never {
  const text = JSON.stringify(given) ?? String(given);
  return refusePattern(
    `${text.slice(0, 200)} is no condition.`,
    'Write { "field": "cents", "is": ">", "value": 100 }, { "field": "kind", "in": ["a", "b"] }, or several of them in "all", "any" and "not", at most 20 levels deep; with "of" a stage of the pattern.',
  );
}
