/** Device keys are about 700 bytes; some clients add fields of their own. */
export const MAX_DEVICE_KEYS_BYTES = 16 * 1024
/** A signed key is about 300 bytes. */
export const MAX_ONE_TIME_KEY_BYTES = 4 * 1024
/** Clients keep 50 to 100 on the server and upload what is missing. */
export const MAX_ONE_TIME_KEYS_AN_UPLOAD = 500
/** Over all algorithms; what lies beyond would never be claimed before the device forgets its half. */
export const MAX_ONE_TIME_KEYS_A_DEVICE = 1_000
/** One is kept for each algorithm, and there are two algorithms. */
export const MAX_FALLBACK_KEYS = 10
/** Of an algorithm's name and of a key id each; clients use some dozen. */
export const MAX_KEY_ID_LENGTH = 255
/** A cross-signing key is about 500 bytes, with signatures by some devices. */
export const MAX_CROSS_SIGNING_KEY_BYTES = 16 * 1024
/** The largest rooms, asked for in one piece; clients ask for some hundred at a time. */
export const MAX_USERS_A_QUERY = 10_000
/** Device ids that are named over all users of a query, or devices of which a key is claimed at once. */
export const MAX_DEVICES_A_REQUEST = 20_000
/** Signatures that a client uploads at once: its own devices, or the users that it has just verified. */
export const MAX_SIGNATURES_AN_UPLOAD = 1_000
/** What clients that name no `timeout` wait for other servers. */
export const DEFAULT_REMOTE_TIMEOUT_MS = 10_000
/** Proxies give up on requests after about a minute. */
export const MAX_REMOTE_TIMEOUT_MS = 45_000
