import { parseServerName } from '../../protocol/identifiers/server-name.ts'

/** The parameters of one `Authorization: X-Matrix` header (server-server API, "Request Authentication"). */
export interface XMatrixHeader {
  readonly origin: string
  /** Servers older than v1.3 of the specification leave it out. */
  readonly destination: string | undefined
  readonly keyId: string
  /** Base64 as sent. */
  readonly signature: string
}

/** Two names of 255 characters and a signature take less than a kilobyte. */
const MAX_HEADER_LENGTH = 4_096
/** The four that count, with room for unknown ones. */
const MAX_PARAMETERS = 16

const SCHEME = /^x-matrix +/i
/** A name and what follows it. Unquoted values are tokens (RFC 9110, 5.6.2) plus the colons of older servers. */
const PARAMETER =
  /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z:/=[\]]+))[ \t]*/y
const SEPARATOR = /[ \t]*(?:,[ \t]*)+/y

/**
 * Parses one header.
 *
 * @returns undefined when it is malformed, has no origin, key or signature, or names one of the four twice.
 */
export function parseXMatrix(header: string): XMatrixHeader | undefined {
  const scheme = SCHEME.exec(header)
  if (!scheme || header.length > MAX_HEADER_LENGTH) return undefined
  const parameters = parseParameters(header, scheme[0].length)
  const origin = parameters?.get('origin')
  const keyId = parameters?.get('key')
  const signature = parameters?.get('sig')
  if (origin === undefined || keyId === undefined || signature === undefined) return undefined
  if (parseServerName(origin) === undefined) return undefined
  return { origin, destination: parameters?.get('destination'), keyId, signature }
}

function parseParameters(header: string, start: number): Map<string, string> | undefined {
  const parameters = new Map<string, string>()
  let position = start
  for (let count = 0; count < MAX_PARAMETERS; count++) {
    PARAMETER.lastIndex = position
    const match = PARAMETER.exec(header)
    if (!match) return undefined
    const name = (match[1] ?? '').toLowerCase()
    if (parameters.has(name)) return undefined
    parameters.set(name, match[2]?.replace(/\\(.)/gs, '$1') ?? match[3] ?? '')
    position = PARAMETER.lastIndex
    if (position === header.length) return parameters
    SEPARATOR.lastIndex = position
    if (!SEPARATOR.test(header)) return undefined
    position = SEPARATOR.lastIndex
    if (position === header.length) return parameters
  }
  return undefined
}
