import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeDevices } from '../../homeserver/accounts/devices.ts'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const FAREWELL = 'accounts.device-farewell'

let server: TestServer
const told: string[] = []
/** The process ends as it is about to tell. */
let crashes = false

beforeAll(async () => {
  server = await startTestServer()
  server.accounts.listeners.push({
    async devicesDeleted(user, deviceIds) {
      if (crashes) throw new Error('crashed')
      told.push(`${user.userId} lost ${deviceIds.join(' ')}`)
    },
  })
})
afterAll(() => server.close())

const logOut = (token: string) => server.request('POST', '/_matrix/client/v3/logout', { token, body: {} })
const left = () =>
  server.database.queries.selectFrom('job').select('payload').where('kind', '=', FAREWELL).execute()

test('what is done leaves nothing to do', async () => {
  const { userId, deviceId, token } = await server.register('orderly')
  expect((await logOut(token)).status).toBe(200)
  expect(told.splice(0)).toEqual([`${userId} lost ${deviceId}`])
  expect(await left()).toEqual([])
})

test('of a device that went in a crash it is told later, and its keys went with it', async () => {
  const { userId, deviceId, token } = await server.register('unlucky')
  const { userNid } = (await server.accounts.sessions.find(token))!
  const { queries } = server.database
  const content = { user_nid: userNid, device_id: deviceId, content: '{}', signatures: '{}' }
  await queries.insertInto('device_key').values(content).execute()
  crashes = true
  await expect(removeDevices(server.accounts, { userNid, userId }, [deviceId])).rejects.toThrow('crashed')
  crashes = false
  expect(told).toEqual([])
  const keys = queries.selectFrom('device_key').selectAll().where('user_nid', '=', userNid)
  expect(await keys.execute()).toEqual([])
  await queries.updateTable('job').set({ run_at: 0 }).where('kind', '=', FAREWELL).execute()
  server.accounts.jobs.wake()
  await eventually('the farewell', async () => told.length > 0 && (await left()).length === 0)
  expect(told).toEqual([`${userId} lost ${deviceId}`])
})
