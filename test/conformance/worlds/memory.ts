/** The construct's defaults, which the example apps leave as they are. */
export const processMiB = 1_769;
export const coordinatorMiB = 512;
