/** Done, but for records that were refused. */
export const deadLettersExitCode = 3;
