/** V8's way to leave out the frames above a function; other engines give no place. */
interface StackCapturing {
  readonly captureStackTrace?: (target: { stack?: string }, above: unknown) => void;
}

/** File and place; a query behind a module's file says nothing about where it is. */
const frameEnd = /\(?(?:file:\/\/)?([^\s()?]+)(?:\?[^\s():]*)?(:\d+:\d+)\)?$/;

/**
 * Source position from which `method` was called, as `folder/file.ts:line:column`; undefined where the engine doesn't
 * tell. For messages only: no behaviour depends on it.
 */
export function definedAt(method: unknown): string | undefined {
  const trace: { stack?: string } = {};
  (Error as StackCapturing).captureStackTrace?.(trace, method);
  const frame = trace.stack?.split("\n").find((line) => line.trimStart().startsWith("at "));
  const [, file, place] = frameEnd.exec(frame?.trim() ?? "") ?? [];
  return file === undefined ? undefined : `${file.split(/[/\\]/).slice(-2).join("/")}${place}`;
}
