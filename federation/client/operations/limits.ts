/** A room of 100,000 members whose history was stormy; nothing larger has been seen. */
export const MAX_STATE_EVENTS = 500_000
/** 500,000 events of half a kilobyte; V8 holds no longer text than 512 MiB. */
export const MAX_STATE_BYTES = 256 * 1024 * 1024
/** A resident server may have to load and sign its whole room before the first byte comes. */
export const STATE_TIMEOUT_MS = 10 * 60_000
/** 100 events of the largest size, as JSON that may escape every byte. */
export const MAX_EVENTS_BYTES = 100 * 64 * 1024 * 2
/** One event of the largest size with room for its wrapping, or a handful of small ones. */
export const MAX_EVENT_BYTES = 256 * 1024
/** The stripped state of an invite or knock: some dozen events, from version 12 on in their full form. */
export const MAX_STRIPPED_STATE_EVENTS = 100
export const MAX_STRIPPED_STATE_BYTES = 2 * 1024 * 1024
/** Servers of one room. */
export const MAX_SERVERS = 100_000
