/** A room of 100,000 members whose history was stormy; nothing larger has been seen. */
export const MAX_STATE_EVENTS = 500_000
/** 500,000 ids or so, of a state or of an auth chain. */
export const MAX_STATE_IDS_BYTES = 64 * 1024 * 1024
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
/** Silence in the middle of an answer; whoever sends a large room sends some of it all the time. */
export const MAX_SILENCE_MS = 30_000
/** An event of 64 KiB whose every byte is escaped as six. */
const MAX_ESCAPED_EVENT_BYTES = 6 * 64 * 1024
/** Names of 100,000 servers and one event. */
const MAX_OTHER_BYTES = 32 * 1024 * 1024
/** How an answer with a whole state is read: as it comes, 500,000 events of a kilobyte each. */
export const STATE_STREAM = {
  maxBytes: 512 * 1024 * 1024,
  maxItems: MAX_STATE_EVENTS,
  maxItemBytes: MAX_ESCAPED_EVENT_BYTES,
  maxOtherBytes: MAX_OTHER_BYTES,
  maxSilenceMs: MAX_SILENCE_MS,
} as const
