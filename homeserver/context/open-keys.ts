import type { RemoteKeys } from '../../e2ee/keys/user-keys.ts'
import type { KeyServices } from '../../e2ee/keys/key-services.ts'
import { KeyStockProvider } from '../../e2ee/keys/key-stock-provider.ts'
import { KeyStocks } from '../../e2ee/keys/key-stocks.ts'
import type { Federation } from '../../federation/client/create-federation.ts'
import { createRemoteKeyClaims } from '../../federation/e2ee/remote-key-claims.ts'
import { deleteCrossSigningKeys } from '../../storage/e2ee/cross-signing-keys.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { Sync } from '../sync/sync.ts'

/** What keys are wired to. */
export interface KeysWiring {
  readonly services: RoomServices
  readonly sync: Sync
  readonly accounts: Accounts
  readonly federation: Federation
  /** Keys of other servers' users; undefined where they cannot be asked for. */
  readonly remoteKeys: RemoteKeys | undefined
}

/** Keys of devices, and what tells of their counts. */
export interface OpenKeys {
  readonly keys: KeyServices
  readonly provider: KeyStockProvider
}

/** Builds the keys of devices, which go with their devices. */
export function openKeys({ services, sync, accounts, federation, remoteKeys }: KeysWiring): OpenKeys {
  const { serverName, queries, interner, committer } = services
  const { views } = sync.services
  const stocks = new KeyStocks({ queries, committer, wakeUser: (userNid) => views.wakeUser(userNid) })
  accounts.listeners.push({
    devicesDeleted: async ({ userNid }, deviceIds) => {
      for (const deviceId of deviceIds) stocks.forget({ userNid, deviceId })
    },
    accountDeactivated: ({ userNid }) => deleteCrossSigningKeys(queries, userNid),
  })
  const keys: KeyServices = {
    serverName,
    queries,
    interner,
    stocks,
    remoteKeys,
    remoteClaims: createRemoteKeyClaims(federation.client),
    committer,
  }
  return { keys, provider: new KeyStockProvider(stocks) }
}
