/** The command line can't be understood. */
export const usageExitCode = 2;
/** Done, but for records that were refused. */
export const deadLettersExitCode = 3;
