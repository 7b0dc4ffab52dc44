import type { Problem } from "../../../http/schemas/common.ts";

/** What the API said against a request. */
export class ApiProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Parts of a path, each with whatever stands in it. */
export const pathOf = (...parts: readonly string[]): string =>
  `/${parts.map(encodeURIComponent).join("/")}`;

/** Parameters that are given, as a query; empty where none is. */
export function queryOf(given: Readonly<Record<string, string | number | undefined>>): string {
  const known = Object.entries(given).filter(([, value]) => value !== undefined && value !== "");
  if (known.length === 0) return "";
  return `?${new URLSearchParams(known.map(([name, value]) => [name, String(value)]))}`;
}

/** @throws ApiProblem where the API refuses; TypeError where nobody answers */
export async function read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return await answerOf(await fetch(path, signal ? { signal } : {}));
}

/** @throws ApiProblem where the API has refused */
export async function answerOf<Answer>(response: Response): Promise<Answer> {
  const answer: unknown = await response.json();
  if (!response.ok) throw new ApiProblem(answer as Problem);
  return answer as Answer;
}
