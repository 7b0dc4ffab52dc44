/** How a call says which stream it is about: by its name, or where another account owns it by its ARN. */
export type StreamIdentity = { readonly StreamName: string } | { readonly StreamARN: string };

export function identityOf(stream: string): StreamIdentity {
  return stream.startsWith("arn:") ? { StreamARN: stream } : { StreamName: stream };
}
