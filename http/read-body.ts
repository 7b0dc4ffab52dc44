import { inputError } from "../runtime/errors/millrace-error.ts";

/** Longer bodies are refused: nothing that is written here needs more. */
const bodyMaxBytes = 65_536;

/** Whatever length a body says that it has, no more is read than may be. @throws MillraceError `body-too-large` */
export async function readBody({ body }: Request): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > bodyMaxBytes) throw bodyTooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const bodyTooLarge = (): Error =>
  inputError("body-too-large", {
    message: `A request's body may have ${bodyMaxBytes} bytes.`,
    next: "Send less.",
  });
