import type { CustomFetch } from 'openid-client'

/** A provider that takes longer than this is down; a user is waiting. */
const TIMEOUT_MS = 10_000
/** Discovery documents, key sets and profiles take some kilobytes. */
const MAX_ANSWER_BYTES = 1024 * 1024

/**
 * Asks a provider, whose address is the administrator's own choice and may well be a private one. It follows no
 * redirect.
 *
 * @throws Error when the answer takes too long or is too large.
 */
export const boundedFetch: CustomFetch = async (url, { body, headers, method }) => {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(url, {
    method,
    headers,
    signal,
    redirect: 'manual',
    ...(body != null && { body }),
  })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_ANSWER_BYTES) throw new RangeError(`the answer of ${new URL(url).host} is too large`)
    chunks.push(chunk)
  }
  const { status, headers: answered } = response
  return new Response(chunks.length === 0 ? null : Buffer.concat(chunks), { status, headers: answered })
}
