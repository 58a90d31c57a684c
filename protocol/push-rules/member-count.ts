const COUNT = /^(==|<=|>=|<|>)?(\d{1,15})$/

/**
 * Compiles the `is` of a `room_member_count` condition: a decimal integer, after `==`, `<`, `>`, `>=` or `<=`.
 *
 * @returns whether a number of members fits; undefined where `is` is malformed.
 */
export function compileMemberCount(is: string): ((count: number) => boolean) | undefined {
  const parts = COUNT.exec(is)
  if (parts === null) return undefined
  const limit = Number(parts[2])
  switch (parts[1]) {
    case '<':
      return (count) => count < limit
    case '>':
      return (count) => count > limit
    case '<=':
      return (count) => count <= limit
    case '>=':
      return (count) => count >= limit
    default:
      return (count) => count === limit
  }
}
