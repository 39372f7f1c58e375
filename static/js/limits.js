// How much may be chosen, and how much one upload carries: nginx and the gateway set the latter.

const kMiB = 1024 * 1024;

/** A file, and what is in it when it is unzipped. */
export const kMaxContentBytes = 1024 * kMiB;

/** What one upload can carry. More is cut into slices. */
export const kMaxUploadBytes = 32 * kMiB;
export const kMaxUploadRecords = 100_000;

/** A slice ends with the record that reaches one of these. */
export const kSliceBytes = 16 * kMiB;
export const kSliceRecords = 50_000;
