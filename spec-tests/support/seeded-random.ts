/** Numbers from 0 up to 1, the same ones for the same seed, so that what is made of them can be made again (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `count` different items of a list, in random order. */
export function sample<Item>(items: readonly Item[], count: number, random: () => number): Item[] {
  const rest = [...items]
  const taken: Item[] = []
  while (taken.length < count && rest.length > 0) {
    const at = Math.floor(random() * rest.length)
    taken.push(rest[at]!)
    rest[at] = rest.at(-1)!
    rest.pop()
  }
  return taken
}
