import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { newestReports } from '../../storage/reports/reports.ts'

let testDatabase: TestDatabase
let database: Database
let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  const config = { rc_reports: { per_second: 10_000, burst_count: 10_000 } }
  server = await startTestServer({ database: testDatabase.address, config })
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(async () => {
  await server.close()
  await database.close()
  await testDatabase.close()
})

async function report(user: TestClient, path: string, body: unknown = { reason: 'why' }): Promise<unknown> {
  const answer = await user.request('POST', `/_matrix/client/v3/${path}`, body)
  return answer.status === 200 ? 200 : [answer.status, answer.body['errcode']]
}

const stored = () => newestReports(database.queries, 100)

describe('reports', () => {
  it('of events are taken from members who see them', async () => {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
    })
    const before = await alice.say(roomId, 'before')
    const room = `rooms/${encodeURIComponent(roomId)}`
    expect(await report(bob, `${room}/report/${before}`)).toEqual([404, 'M_NOT_FOUND'])
    await bob.join(roomId)
    expect(await report(bob, `${room}/report/${before}`)).toEqual([404, 'M_NOT_FOUND'])
    expect(await report(bob, `${room}/report/$none`)).toEqual([404, 'M_NOT_FOUND'])
    const spam = await alice.say(roomId, 'spam')
    const elsewhere = await bob.createRoom()
    expect(await report(bob, `rooms/${encodeURIComponent(elsewhere)}/report/${spam}`)).toEqual([
      404,
      'M_NOT_FOUND',
    ])
    expect(await stored()).toEqual([])
    expect(await report(bob, `${room}/report/${spam}`, { reason: 'spam', score: -100 })).toBe(200)
    expect(await report(bob, `${room}/report/${spam}`, {})).toBe(200)
    const [second, first] = await stored()
    expect(first).toMatchObject({ reason: 'spam', eventNid: second?.eventNid, roomNid: second?.roomNid })
    expect(second?.reason).toBeUndefined()
  })

  it('of rooms and users tell nobody what is known here', async () => {
    const roomId = await alice.createRoom()
    const known = (await stored()).length
    expect(await report(bob, `rooms/${encodeURIComponent('!none:there.test')}/report`)).toBe(200)
    expect(await report(bob, `users/${encodeURIComponent('@none:there.test')}/report`)).toBe(200)
    expect((await stored()).length).toBe(known)
    expect(await report(bob, `rooms/${encodeURIComponent(roomId)}/report`)).toBe(200)
    expect(await report(bob, `users/${alice.userId}/report`, { reason: '' })).toBe(200)
    const [ofUser, ofRoom] = await stored()
    expect(ofUser).toMatchObject({ reason: '', reporterNid: ofRoom?.reporterNid })
    expect(ofUser?.reportedUserNid).toBeGreaterThan(0)
    expect(ofRoom).toMatchObject({ reason: 'why', roomNid: expect.any(Number) as number })
  })

  it('have a reason that can be read', async () => {
    const path = `users/${alice.userId}/report`
    expect(await report(bob, path, {})).toEqual([400, 'M_MISSING_PARAM'])
    expect(await report(bob, path, { reason: 1 })).toEqual([400, 'M_BAD_JSON'])
    expect(await report(bob, path, { reason: 'a\0' })).toEqual([400, 'M_BAD_JSON'])
    expect(await report(bob, path, '{"reason":"\\ud800"}')).toEqual([400, 'M_BAD_JSON'])
    expect(await report(bob, path, { reason: 'x'.repeat(4_001) })).toEqual([400, 'M_INVALID_PARAM'])
  })
})

it('reports are limited', async () => {
  const strict = await startTestServer({ config: { rc_reports: { per_second: 0.001, burst_count: 1 } } })
  try {
    const user = await strict.register('user')
    expect(await report(user, 'users/@a:b/report')).toBe(200)
    expect(await report(user, 'users/@a:b/report')).toEqual([429, 'M_LIMIT_EXCEEDED'])
  } finally {
    await strict.close()
  }
})
