import type { Command, RouteMap } from "@stricli/core";
import { routes } from "./commands/routes.ts";
import type { Context, DefinedCommand } from "./definition/command.ts";

/** A command, or several under one word. */
export type Target = DefinedCommand | RouteMap<Context>;

export interface FoundCommand {
  /** The words that lead to it. */
  readonly path: readonly string[];
  readonly target: Target;
}

/** Follows words as far as they lead. */
export function findCommand(words: readonly string[]): FoundCommand {
  let target: Target = routes;
  const path: string[] = [];
  for (const word of words) {
    if (!isGroup(target)) break;
    const next = target.getRoutingTargetForInput(word);
    if (next === undefined) break;
    path.push(word);
    target = asDefined(next);
  }
  return { path, target };
}

export const isGroup = (target: Target): target is RouteMap<Context> =>
  "getRoutingTargetForInput" in target;

/** The commands of a group. */
export function commandsOf(
  group: RouteMap<Context>,
): readonly { readonly name: string; readonly target: Target }[] {
  return group
    .getAllEntries()
    .map(({ name, target }) => ({ name: name.original, target: asDefined(target) }));
}

/** All that stand in a map of routes were defined by `defineCommand`. */
const asDefined = (target: Command<Context> | RouteMap<Context>): Target => target as Target;
