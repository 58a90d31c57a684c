/** Values of query parameters; a list repeats its parameter, undefined leaves it out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/**
 * Builds the target of a request. Only here are path segments and parameters percent-encoded: what is signed must
 * be, byte for byte, what is sent.
 *
 * @param path the constant beginning, without a trailing slash.
 * @param segments appended, each encoded.
 */
export function target(path: string, segments: readonly string[] = [], query: Query = {}): string {
  const parameters = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return []
    const values = Array.isArray(value) ? value : [value]
    return values.map((one) => `${name}=${encodeURIComponent(String(one))}`)
  })
  const encoded = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
  return `${path}${encoded}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`
}
