export interface ServerEvent {
  readonly id: string;
  readonly data: unknown;
}

/** Reads server-sent events one by one. */
export function eventsOf(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    /** The next event that has data. */
    async next(): Promise<ServerEvent> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end === -1) {
          const { value, done } = await reader.read();
          if (done) throw new Error("The stream has ended.");
          text += value;
          continue;
        }
        const fields = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const field = (name: string): string | undefined =>
          fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field("data");
        if (data !== undefined) return { id: field("id") ?? "", data: JSON.parse(data) as unknown };
      }
    },
    close: async () => await reader.cancel(),
  };
}
