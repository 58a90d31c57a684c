import { isDeviceId } from '../../protocol/identifiers/device-id.ts'
import { OAuthError } from './oauth-error.ts'

const API_TOKENS = ['urn:matrix:client:api:*', 'urn:matrix:org.matrix.msc2967.client:api:*']
const DEVICE_PREFIXES = ['urn:matrix:client:device:', 'urn:matrix:org.matrix.msc2967.client:device:']
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/
/** Two tokens with the longest device id in both spellings take a third of it. */
const MAX_SCOPE_LENGTH = 2_048

/** What a client asks for. */
export interface Scope {
  readonly deviceId: string
  /** The scope tokens that are granted, in the client's own spelling. */
  readonly granted: string
}

/**
 * Reads a requested scope (client-server API, "Scope"). Tokens that mean nothing here, such as `openid`, are not
 * granted.
 *
 * @throws OAuthError invalid_scope unless it asks for the client-server API and names exactly one device.
 */
export function readScope(text: string | undefined): Scope {
  if (text === undefined || text.length > MAX_SCOPE_LENGTH || !SCOPE.test(text)) {
    throw new OAuthError('invalid_scope', 'The scope is missing or malformed')
  }
  const granted = text
    .split(' ')
    .filter((token) => API_TOKENS.includes(token) || deviceOf(token) !== undefined)
  const devices = new Set(granted.flatMap((token) => deviceOf(token) ?? []))
  const [deviceId] = devices
  if (!granted.some((token) => API_TOKENS.includes(token))) {
    throw new OAuthError('invalid_scope', `The scope must hold ${API_TOKENS[0]}`)
  }
  if (deviceId === undefined || devices.size > 1 || !isDeviceId(deviceId)) {
    throw new OAuthError('invalid_scope', `The scope must hold exactly one ${DEVICE_PREFIXES[0]}<device id>`)
  }
  return { deviceId, granted: granted.join(' ') }
}

function deviceOf(token: string): string | undefined {
  const prefix = DEVICE_PREFIXES.find((start) => token.startsWith(start))
  return prefix === undefined ? undefined : token.slice(prefix.length)
}
