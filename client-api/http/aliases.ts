/** `v3` paths are served under `r0` too, which old clients and bots still use. */
export function legacyAliases(pattern: string): readonly string[] {
  return /^\/_matrix\/(client|media)\/v3\//.test(pattern) ? [pattern.replace('/v3/', '/r0/')] : []
}
