/** Calls to those of moto's services that the package has no client for. moto reads the service from a signature that it never checks. */
export interface MotoCalls {
  /** A service with AWS's JSON protocol, by its target: `AmazonSSM.PutParameter`. */
  json(service: string, target: string, input: object): Promise<Answer>;
  /** A service with AWS's query protocol; answers XML. */
  query(service: string, input: Readonly<Record<string, string>>): Promise<string>;
}

export type Answer = Readonly<Record<string, unknown>>;

export function motoCalls(url: string): MotoCalls {
  const post = async (
    service: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<string> => {
    const scope = `test/20260101/us-east-1/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { ...headers, authorization },
      body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${service} answers ${answer.status}: ${text}`);
    return text;
  };
  return {
    json: async (service, target, input) => {
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
      return JSON.parse((await post(service, headers, JSON.stringify(input))) || "{}") as Answer;
    },
    query: (service, input) => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return post(service, headers, new URLSearchParams(input).toString());
    },
  };
}
