/** A key id, `algorithm:identifier`, taken apart. */
export interface KeyId {
  readonly algorithm: string
  readonly identifier: string
}

/** Key ids in use have about 15 characters; the bound keeps those that are made up out of tables and logs. */
const MAX_KEY_ID_LENGTH = 255

const SERVER_KEY_ID = /^ed25519:[a-zA-Z0-9_]+$/

/**
 * Takes a key id apart, `ed25519:a_1` or `signed_curve25519:AAAA` for example.
 *
 * @returns undefined for what has no colon, an empty part, or is too long.
 */
export function parseKeyId(text: string): KeyId | undefined {
  const colon = text.indexOf(':')
  if (text.length > MAX_KEY_ID_LENGTH || colon < 1 || colon === text.length - 1) return undefined
  return { algorithm: text.slice(0, colon), identifier: text.slice(colon + 1) }
}

/** Whether a text is the id of a signing key that a server publishes (server-server API, "Publishing Keys"). */
export function isServerKeyId(text: string): boolean {
  return text.length <= MAX_KEY_ID_LENGTH && SERVER_KEY_ID.test(text)
}
