import { deploymentError } from "../runtime/errors/millrace-error.ts";

/** Environment variables of a function, which the construct sets. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** @throws MillraceError `variable-missing` */
export function required(variables: Variables, name: string): string {
  const value = variables[name];
  if (value !== undefined && value !== "") return value;
  throw deploymentError("variable-missing", {
    message: `The function's environment variable ${name} is not set.`,
    next: "Deploy the job with the MillracePipeline construct, which sets it.",
  });
}

/** Names in AWS by those in the job. @throws MillraceError `variable-missing`, `variable-invalid` */
export function namesIn(variables: Variables, name: string): Readonly<Record<string, string>> {
  const text = required(variables, name);
  try {
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch (cause) {
    throw deploymentError("variable-invalid", {
      message: `The function's environment variable ${name} is not JSON.`,
      next: "Deploy the job with the MillracePipeline construct, which sets it.",
      cause,
    });
  }
}
