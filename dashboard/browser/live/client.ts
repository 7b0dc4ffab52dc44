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

const tokenOf = (page: Document): string | undefined =>
  page.querySelector<HTMLMetaElement>('meta[name="millrace-token"]')?.content;

let token = tokenOf(document);

/** Whether this page was given what it takes to change something. */
export const canWrite = (): boolean => token !== undefined;

/** @throws ApiProblem where the API refuses; TypeError where nobody answers */
export async function ask<Answer>(path: string, body: object = {}): Promise<Answer> {
  const response = await posted(path, body);
  if (response.status !== 403) return await answerOf(response);
  // Whoever serves the job now is not who gave this page its token.
  const page = await (await fetch("/")).text();
  token = tokenOf(new DOMParser().parseFromString(page, "text/html"));
  return await answerOf(await posted(path, body));
}

const posted = async (path: string, body: object): Promise<Response> =>
  await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-millrace-token": token ?? "" },
    body: JSON.stringify(body),
  });

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const answer: unknown = await response.json();
  if (!response.ok) throw new ApiProblem(answer as Problem);
  return answer as Answer;
}
