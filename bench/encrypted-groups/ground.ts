import pg from 'pg'
import { openDatabase, type DatabaseAddress } from '../../storage/database.ts'
import { Interner } from '../../storage/interning/interner.ts'
import { openDatabaseProxy } from '../../spec-tests/support/database-proxy.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTwoRegions, type TwoRegions } from '../../spec-tests/support/two-regions.ts'
import { seedAccounts } from '../sync-at-size/seed-accounts.ts'
import { together } from './together.ts'
import { uploadKeys } from './upload-keys.ts'

/** A client of the measurement. */
export type Device = TestClient

/** One of the two servers, with its users and what it asks of its database. */
export interface Side {
  readonly name: 'north' | 'south'
  /** The devices of each user. */
  readonly users: readonly (readonly Device[])[]
  /** Statements that the server has sent to its database so far. */
  statements(): number
  /** Messages that wait for devices in its database; not counted among the statements. */
  waitingMessages(): Promise<number>
}

/** Two servers, each with half of the users, whose statements are counted. */
export interface Ground extends AsyncDisposable {
  readonly regions: TwoRegions
  readonly north: Side
  readonly south: Side
}

/** How many of whom. */
export interface Crowd {
  /** On each of the two servers. */
  readonly usersEach: number
  readonly devicesEach: number
}

const GENEROUS = { per_second: 100_000, burst_count: 100_000 }
/** Limits are not what is measured. */
const SETTINGS = { rc_key_requests: GENEROUS, rc_to_device: GENEROUS }

/**
 * Starts both servers on fresh databases and fills them with users whose devices have uploaded their keys.
 *
 * @param databases with the newest schema or with nothing in them, each reached by a socket.
 */
export async function openGround(
  directory: string,
  databases: Readonly<Record<'north' | 'south', DatabaseAddress>>,
  crowd: Crowd,
): Promise<Ground> {
  const closing = new AsyncDisposableStack()
  try {
    const proxies = {
      north: await openDatabaseProxy(databases.north),
      south: await openDatabaseProxy(databases.south),
    }
    closing.defer(async () => void (await Promise.all([proxies.north.close(), proxies.south.close()])))
    const addresses = { north: proxies.north.address, south: proxies.south.address }
    const regions = closing.use(await startTwoRegions(directory, addresses, SETTINGS))
    const side = async (name: 'north' | 'south'): Promise<Side> => {
      const pool = new pg.Pool(databases[name])
      closing.defer(() => pool.end())
      return {
        name,
        users: await seedUsers(databases[name], regions[name], crowd),
        statements: () => proxies[name].statements(),
        waitingMessages: async () => {
          const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM to_device_message')
          return Number(rows[0]!.count)
        },
      }
    }
    const [north, south] = [await side('north'), await side('south')]
    return { regions, north, south, [Symbol.asyncDispose]: () => closing.disposeAsync() }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}

async function seedUsers(
  address: DatabaseAddress,
  { url, serverName }: { readonly url: string; readonly serverName: string },
  { usersEach, devicesEach }: Crowd,
): Promise<Device[][]> {
  const database = openDatabase(address)
  try {
    const userIds = Array.from({ length: usersEach }, (_, index) => `@user-${index}:${serverName}`)
    const tokens = await seedAccounts(database.queries, new Interner(database.pool), userIds, devicesEach)
    const devices = tokens.map((token) => {
      const device = new TestClient(url)
      device.token = token
      return device
    })
    await together(devices, async (device) => {
      const account = await device.call('GET', '/account/whoami')
      device.userId = String(account['user_id'])
      device.deviceId = String(account['device_id'])
      await uploadKeys(device)
    })
    return userIds.map((_, user) => devices.slice(user * devicesEach, (user + 1) * devicesEach))
  } finally {
    await database.close()
  }
}
