/** A binary heap: `pop` gives the smallest item in O(log n). */
export class PriorityQueue<Item> {
  readonly #items: Item[] = []
  readonly #compare: (a: Item, b: Item) => number

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare
  }

  push(item: Item): void {
    const items = this.#items
    let index = items.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = items[parent]
      if (above === undefined || this.#compare(above, item) <= 0) break
      items[index] = above
      index = parent
    }
    items[index] = item
  }

  /** Takes out the smallest item; undefined when there is none. */
  pop(): Item | undefined {
    const items = this.#items
    const smallest = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return smallest
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      let below = items[child]
      if (below === undefined) break
      const right = items[child + 1]
      if (right !== undefined && this.#compare(right, below) < 0) {
        child += 1
        below = right
      }
      if (this.#compare(last, below) <= 0) break
      items[index] = below
      index = child
    }
    items[index] = last
    return smallest
  }
}
