import * as z from "zod/mini";

/** Milliseconds since 1970. */
export const timeMs = z.number();
export const count = z.number();

/** Milliseconds since 1970; "none" before the first element, "end" behind the last. */
export const watermark = z.union([z.number(), z.enum(["none", "end"])]);

export type Watermark = z.infer<typeof watermark>;

/** A name that is part of a path: no job, operator or table has a longer one. */
export const name = z.string().check(z.minLength(1), z.maxLength(300));

export const jobPath = z.object({ job: name });

const pageMax = 1_000;

/** How many things are answered at a time; `cursor` is the `next` of the page before. */
export const pageQuery = {
  limit: z._default(wholeNumber(1, pageMax), 100),
  cursor: z.optional(z.string().check(z.maxLength(2_000))),
};

/** A whole number of a query, where all is text. */
export function wholeNumber(min: number, max: number) {
  return z.pipe(
    z.union([z.int(), z.string().check(z.regex(/^\d{1,15}$/))]),
    z.pipe(z.transform(Number), z.int().check(z.minimum(min), z.maximum(max))),
  );
}

/** Where the next page begins; absent on the last one. */
export const nextPage = { next: z.optional(z.string()) };

/** An error, as RFC 9457 has it. */
export const problem = z.object({
  /** `urn:millrace:<code>`. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** Stable: programs may branch on it. */
  code: z.string(),
  detail: z.string(),
  /** What to do next. */
  next: z.optional(z.string()),
  /** The same request may succeed later. */
  retryable: z.boolean(),
});

export type Problem = z.infer<typeof problem>;
