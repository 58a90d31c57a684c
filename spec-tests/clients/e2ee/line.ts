/** A device's way into the network, which can be cut: requests under way fail, and new ones do until it is mended. */
export class Line {
  #cut: AbortController | undefined = new AbortController()

  cut(): void {
    this.#cut?.abort(new TypeError('there is no network'))
    this.#cut = undefined
  }

  mend(): void {
    this.#cut ??= new AbortController()
  }

  /** As the global `fetch`. */
  readonly fetch: typeof fetch = async (input, init) => {
    if (!this.#cut) throw new TypeError('there is no network')
    const signals = [this.#cut.signal, init?.signal].filter((signal) => signal != null)
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
}
