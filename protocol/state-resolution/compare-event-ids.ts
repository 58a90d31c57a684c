const FIRST_SURROGATE = 0xd800

/**
 * Orders event ids by code point. JavaScript's `<` orders by UTF-16 unit, which puts characters beyond U+FFFF
 * (possible in the ids of room versions 1 and 2) before U+E000 to U+FFFF, unlike every other implementation.
 *
 * @returns negative, zero or positive, as `Array.prototype.sort` wants it.
 */
export function compareEventIds(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let index = 0; index < shorter; index++) {
    const unitA = a.charCodeAt(index)
    const unitB = b.charCodeAt(index)
    if (unitA === unitB) continue
    if (unitA < FIRST_SURROGATE || unitB < FIRST_SURROGATE) return unitA - unitB
    return rankFromSurrogates(unitA) - rankFromSurrogates(unitB)
  }
  return a.length - b.length
}

function rankFromSurrogates(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
