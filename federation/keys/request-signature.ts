import { canonicalJson } from '../../protocol/json/canonical.ts'

/** The request that a signature vouches for (server-server API, "Request Authentication", step 1). */
export interface SignedRequestParts {
  readonly method: string
  /** Path and query exactly as on the wire. */
  readonly uri: string
  readonly origin: string
  /** Signed even by older servers, which leave it out of their header. */
  readonly destination: string
  /** The body's canonical JSON; undefined for a request without one. */
  readonly content: string | undefined
}

/**
 * The text that is signed: the canonical JSON of the request's description. The body, which may be megabytes, is
 * put in as the canonical text that it already is.
 */
export function requestSigningText({ content, ...parts }: SignedRequestParts): string {
  const rest = canonicalJson({ ...parts })
  return content === undefined ? rest : `{"content":${content},${rest.slice(1)}`
}
