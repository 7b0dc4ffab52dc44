import { isMillraceError } from "../errors/millrace-error.ts";

/** What was thrown, and where. */
export interface ThrownPlace {
  /** Its name, or its code where it is an error of Millrace. */
  readonly error?: string;
  /** The first frame of its stack in the user's code, as `folder/file.ts:line:column`. */
  readonly thrownAt?: string;
}

const nameMaxLength = 200;

/** Never throws: what was thrown may be anything. */
export function thrownPlace(thrown: unknown): ThrownPlace {
  try {
    if (!(thrown instanceof Error)) return {};
    const name: unknown = isMillraceError(thrown) ? thrown.code : thrown.name;
    const thrownAt = userFrame(thrown.stack);
    return {
      ...(typeof name === "string" && { error: name.slice(0, nameMaxLength) }),
      ...(thrownAt !== undefined && { thrownAt }),
    };
  } catch {
    return {};
  }
}

/** File and place; a query behind a module's file says nothing about where it is. */
const frameEnd = /\(?(?:file:\/\/)?([^\s()?]+)(?:\?[^\s():]*)?(:\d+:\d+)\)?$/;
/** Of packages, of Node and of the engine: what a user's function has called. */
const foreign = /[/\\]node_modules[/\\]|^node:|[/\\]runtime[/\\][a-z-]+[/\\]/;

/** Undefined where there are none but foreign ones. */
function userFrame(stack: unknown): string | undefined {
  if (typeof stack !== "string") return undefined;
  const frames = stack
    .split("\n")
    .filter((line) => line.trimStart().startsWith("at "))
    .flatMap((line) => frameEnd.exec(line.trim())?.slice(1).join("") ?? []);
  const frame = frames.find((place) => !foreign.test(place));
  return frame?.split(/[/\\]/).slice(-2).join("/");
}
