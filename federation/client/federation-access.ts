import { compileGlob } from '../../protocol/glob/compile-glob.ts'

/** With which servers this one speaks, by the administrator's lists, asking and asked. */
export type FederationAccess = (serverName: string) => boolean

/**
 * @param lists.domainWhitelist the only servers to speak with; undefined is every server.
 * @param lists.domainBlacklist globs of servers that are shut out all the same.
 */
export function federationAccess(lists: {
  readonly domainWhitelist: ReadonlySet<string> | undefined
  readonly domainBlacklist: readonly string[]
}): FederationAccess {
  const shutOut = lists.domainBlacklist.map((pattern) => compileGlob(pattern, { ignoreCase: true }))
  return (serverName) =>
    lists.domainWhitelist?.has(serverName) !== false && !shutOut.some((matches) => matches(serverName))
}
