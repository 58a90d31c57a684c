const HAS_HIGH_UNIT = /[\ud800-\uffff]/

/**
 * Compares strings by Unicode code point. JavaScript compares UTF-16 units, which puts the characters beyond
 * U+FFFF before those from U+E000 to U+FFFF.
 *
 * @returns negative, zero or positive, as `Array.prototype.sort` wants it.
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let index = 0; index < shorter; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return codePointRank(left) - codePointRank(right)
  }
  return a.length - b.length
}

/** Sorts strings by Unicode code point, in place. */
export function sortByCodePoint(strings: string[]): string[] {
  return strings.some((text) => HAS_HIGH_UNIT.test(text)) ? strings.sort(compareCodePoints) : strings.sort()
}

/** Moves surrogates above all other units. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
