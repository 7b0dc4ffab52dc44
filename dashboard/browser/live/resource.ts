import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../http/schemas/common.ts";
import { ApiProblem, read } from "./client.ts";

/** What was read of a path: nothing yet, its answer, or why there is none. */
export interface Resource<Answer> {
  readonly path: string;
  readonly answer?: Answer;
  readonly problem?: Problem;
}

/**
 * Reads a path, and reads it again when `version` changes; meanwhile what was answered before stands. Without a path nothing is read.
 */
export function useResource<Answer>(path: string | undefined, version: unknown): Resource<Answer> {
  const [resource, setResource] = useState<Resource<Answer>>({ path: "" });
  useEffect(() => {
    if (path === undefined) return undefined;
    const leaving = new AbortController();
    read<Answer>(path, leaving.signal).then(
      (answer) => setResource({ path, answer }),
      (thrown: unknown) => {
        // Who serves the page has gone: the connection says so, and what was read before still stands.
        if (thrown instanceof ApiProblem) setResource({ path, problem: thrown.problem });
      },
    );
    return () => leaving.abort();
  }, [path, version]);
  return resource.path === path ? resource : { path: path ?? "" };
}
