/** Keys of one version: sessions of thousands of rooms over years. Each takes about a kilobyte. */
export const MAX_KEYS_A_BACKUP = 1_000_000
/** Versions that are not deleted; clients delete the one that they replace. */
export const MAX_BACKUPS_A_USER = 50
/** Keys of one request; clients send 100 or 200, and importers more. */
export const MAX_KEYS_A_REQUEST = 10_000
/** Characters of a key's data as JSON; an encrypted session has about six hundred. */
export const MAX_SESSION_DATA_LENGTH = 16_384
/** Characters of what a version says of itself as JSON: a public key with signatures by all devices. */
export const MAX_AUTH_DATA_LENGTH = 65_536
/** Bytes of an algorithm's name, a room id or a session id, as for identifiers. */
export const MAX_NAME_BYTES = 255
