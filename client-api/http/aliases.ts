/** `v3` paths are served under `r0` too, which old clients and bots still use, and those of media under `v1`. */
export function legacyAliases(pattern: string): readonly string[] {
  const [, api] = /^\/_matrix\/(client|media)\/v3\//.exec(pattern) ?? []
  if (api === undefined) return []
  return (api === 'media' ? ['r0', 'v1'] : ['r0']).map((version) => pattern.replace('/v3/', `/${version}/`))
}
