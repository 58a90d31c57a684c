/** Event numbers are taken in blocks of this size: one query for as many events; a restart skips the rest of a block. */
export const EVENT_NID_BLOCK = 1_000
