import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { optionalText } from '../http/body-fields.ts'

/** It stands in a row and in a page. */
const MAX_LENGTH = 2_000

/**
 * Where a browser shall go once an address is proved (`next_link`).
 *
 * @param hosts those that it may lead to; undefined for any.
 * @throws MatrixError 400 M_INVALID_PARAM for what is no http or https URL, or leads elsewhere.
 */
export function readNextLink(body: JsonObject, hosts: ReadonlySet<string> | undefined): string | null {
  const link = optionalText(body, 'next_link')
  if (link === undefined || link === '') return null
  const url = link.length <= MAX_LENGTH && !link.includes('\0') ? URL.parse(link) : null
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`next_link` must be an http or https URL')
  }
  if (hosts && !hosts.has(url.hostname)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`next_link` leads to a host that is not allowed here')
  }
  return url.href
}
