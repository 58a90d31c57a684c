import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** Bytes of a profile key (client-server API, "Profiles"). */
const MAX_KEY_BYTES = 255
/** Each of a user's rooms carries them in the member event, which has 64 KiB in all; the bounds are Synapse's. */
const MAX_DISPLAY_NAME_LENGTH = 256
const MAX_AVATAR_URL_LENGTH = 1000

const KEY = /^(avatar_url|displayname|m\.tz|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+)$/

/** The fields that room membership events carry too. */
export function isMemberField(field: string): boolean {
  return field === 'displayname' || field === 'avatar_url'
}

/** @throws MatrixError 400 M_KEY_TOO_LARGE or M_INVALID_PARAM for what cannot be a profile key. */
export function checkProfileKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new MatrixError(400, 'M_KEY_TOO_LARGE', `Profile keys have at most ${MAX_KEY_BYTES} bytes`)
  }
  if (!KEY.test(key)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'Profile keys are namespaced identifiers in lower case')
  }
}

/** @throws MatrixError 400 when a value is not of the type that its key demands. */
export function checkProfileValue(key: string, value: unknown): void {
  if (key === 'displayname') checkText(value, key, MAX_DISPLAY_NAME_LENGTH)
  if (key === 'avatar_url') checkText(value, key, MAX_AVATAR_URL_LENGTH)
  if (key === 'm.tz') checkText(value, key, MAX_KEY_BYTES)
}

function checkText(value: unknown, key: string, maxLength: number): void {
  if (typeof value !== 'string') throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a text`)
  if (value.length > maxLength) {
    throw new MatrixError(400, 'M_TOO_LARGE', `\`${key}\` has ${maxLength} characters at most`)
  }
}
