/** How a page hears of a job: "lost" where nobody serves it at present. */
export type Connection = "connecting" | "live" | "lost";

export interface StreamOptions<Message> {
  readonly path: string;
  readonly onMessage: (message: Message) => void;
  readonly onConnection: (connection: Connection) => void;
}

const againAfterMs = 2_000;

/**
 * Follows a stream of events until it is closed. A browser connects again by itself where a connection breaks, and says which event it saw
 * last; where it has given up, because nobody listened for instance, this begins anew.
 */
export function follow<Message>(options: StreamOptions<Message>): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(options.path);
    source.addEventListener("open", () => options.onConnection("live"));
    source.addEventListener("message", ({ data }: MessageEvent<string>) =>
      options.onMessage(JSON.parse(data) as Message),
    );
    source.addEventListener("error", () => {
      options.onConnection("lost");
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, againAfterMs);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
