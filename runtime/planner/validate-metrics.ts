import { jobError } from "../errors/millrace-error.ts";
import type { MetricDeclaration } from "../graph/metric-declarations.ts";
import type { Graph, Node } from "../graph/node.ts";
import { metricsOf } from "../operators/registry.ts";
import { named, withUid } from "../plan/place.ts";

/** Each is part of every commit of a slot. */
const metricsMax = 20;
const boundsMax = 20;
const descriptionMax = 200;

/**
 * Metrics of users' functions are few, and can be called by their names wherever they are shown: under one name all of a job are of one kind.
 * @throws MillraceError `metric-invalid`
 */
export function validateMetrics({ nodes }: Graph): void {
  const kinds = new Map<string, MetricDeclaration["kind"]>();
  for (const node of nodes) {
    const declared = Object.entries(metricsOf(node));
    if (declared.length > metricsMax)
      throw invalid(node, `declares ${declared.length} metrics; it may have ${metricsMax}`);
    for (const [name, declaration] of declared) {
      const fault = faultOf(name, declaration);
      if (fault !== undefined)
        throw invalid(node, `declares the metric "${shortened(name)}": ${fault}`);
      const known = kinds.get(name) ?? declaration.kind;
      if (known !== declaration.kind)
        throw invalid(
          node,
          `declares the metric "${name}" as a ${declaration.kind}, and another one has a ${known} of that name`,
        );
      kinds.set(name, known);
    }
  }
}

function faultOf(name: string, declaration: MetricDeclaration): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name))
    return "a name has 1 to 64 characters, a letter and then letters, digits and underscores";
  if (/_(bucket|sum|count)$/.test(name))
    return "names that end in _bucket, _sum or _count are those of the parts of histograms";
  const { description = "" } = declaration;
  if (typeof description !== "string" || description.length > descriptionMax)
    return `its description is no text of at most ${descriptionMax} characters`;
  switch (declaration.kind) {
    case "counter":
    case "meter":
      return undefined;
    case "gauge":
      return ["sum", "min", "max"].includes(declaration.over)
        ? undefined
        : 'a gauge is taken over slots by "sum", "min" or "max"';
    case "histogram":
      return areBounds(declaration.bounds)
        ? undefined
        : `bounds of a histogram are 1 to ${boundsMax} finite numbers, ascending`;
    default:
      return "its kind is none of counter, meter, gauge and histogram";
  }
}

const areBounds = (bounds: readonly number[]): boolean =>
  Array.isArray(bounds) &&
  bounds.length > 0 &&
  bounds.length <= boundsMax &&
  bounds.every((bound, at) => Number.isFinite(bound) && (at === 0 || bound > bounds[at - 1]!));

const shortened = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}…` : name);

const invalid = (node: Node, fault: string): Error =>
  jobError("metric-invalid", {
    ...withUid(node),
    message: `The ${named(node)} ${fault}.`,
    next: "Declare metrics beside state: metrics: { refused: counter(), items: histogram({ bounds: [1, 10, 100] }) }.",
  });
