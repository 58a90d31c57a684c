import type { UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { KeyStocks } from './key-stocks.ts'

/** Gives every `/sync` answer the counts of its device's keys (client-server API, "End-to-end encryption"). */
export class KeyStockProvider {
  readonly #stocks: KeyStocks

  constructor(stocks: KeyStocks) {
    this.#stocks = stocks
  }

  async read(
    { userNid, deviceId }: { readonly userNid: UserNid; readonly deviceId: string | undefined },
    { after }: { readonly after: StreamPosition | undefined },
  ): Promise<{ fields: Record<string, string>; hasNews: boolean }> {
    if (deviceId === undefined) return { fields: {}, hasNews: false }
    const device = { userNid, deviceId }
    // Asked first: a claim in between is told once more rather than never.
    const hasNews = after !== undefined && this.#stocks.changedAfter(device, after)
    return { fields: await this.#stocks.fieldsOf(device), hasNews }
  }
}
