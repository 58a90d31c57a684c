import type { LocalDevice } from '../../storage/e2ee/key-stock-change.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { KeyStocks } from './key-stocks.ts'

/** Gives every `/sync` answer the counts of its device's keys (client-server API, "End-to-end encryption"). */
export class KeyStockProvider {
  readonly #stocks: KeyStocks

  constructor(stocks: KeyStocks) {
    this.#stocks = stocks
  }

  async read(
    viewer: LocalDevice,
    { after }: { readonly after: StreamPosition | undefined },
  ): Promise<{ fields: Record<string, string>; hasNews: boolean }> {
    // Asked first: a claim in between is told once more rather than never.
    const hasNews = after !== undefined && this.#stocks.changedAfter(viewer, after)
    return { fields: await this.#stocks.fieldsOf(viewer), hasNews }
  }
}
