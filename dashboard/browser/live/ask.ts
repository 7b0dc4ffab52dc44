import { answerOf } from "./client.ts";

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
