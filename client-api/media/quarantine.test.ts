import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeAdministrator } from '../../spec-tests/support/administrator.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let own: TestDatabase
let server: TestServer
let admin: MediaClient
let alice: MediaClient

beforeAll(async () => {
  own = await createTestDatabase()
  server = await startTestServer({ database: own.address })
  const root = await server.register('root')
  await makeAdministrator(own.address, root)
  admin = MediaClient.of(root)
  alice = await MediaClient.register(server.url, 'alice')
})
afterAll(async () => {
  await server.close()
  await own.close()
})

const act = (path: string, by = admin) => by.request('POST', `/_synapse/admin/v1/${path}`, {})
const status = async (media: string): Promise<number> => (await alice.download(media)).status

test('one piece is served to nobody until it is released, and protection keeps it', async () => {
  const media = await alice.upload('one')
  expect((await act(`media/quarantine/${media}`, alice)).status).toBe(403)
  expect((await act(`media/quarantine/${media}`)).body).toEqual({})
  expect(await status(media)).toBe(404)
  await act(`media/unquarantine/${media}`)
  expect(await status(media)).toBe(200)
  await act(`media/protect/${media.split('/')[1]}`)
  await act(`media/quarantine/${media}`)
  expect(await status(media)).toBe(200)
  await act(`media/unprotect/${media.split('/')[1]}`)
  await act(`media/quarantine/${media}`)
  expect(await status(media)).toBe(404)
})

test('all of a room, wherever its events name it, and nothing else', async () => {
  const [shown, file, thumbnail, elsewhere] = [
    await alice.upload('a'),
    await alice.upload('b'),
    await alice.upload('c'),
    await alice.upload('d'),
  ]
  const roomId = await alice.createRoom()
  await alice.send(roomId, 'm.room.message', { msgtype: 'm.image', body: 'a', url: `mxc://${shown}` })
  const info = { thumbnail_url: `mxc://${thumbnail}` }
  await alice.send(roomId, 'm.room.message', {
    msgtype: 'm.file',
    body: 'b',
    file: { url: `mxc://${file}` },
    info,
  })
  await alice.say(roomId, 'mxc://here.test/unknown and mxc://there.test/unknown')
  const answer = await act(`room/${encodeURIComponent(roomId)}/media/quarantine`)
  expect(answer.body).toEqual({ num_quarantined: 3 })
  expect(await Promise.all([shown, file, thumbnail, elsewhere].map(status))).toEqual([404, 404, 404, 200])
})

test('all of a user, and of a server', async () => {
  const bob = await MediaClient.register(server.url, 'bob')
  const media = [await bob.upload('1'), await bob.upload('2')]
  expect((await act('user/@bob:here.test/media/quarantine')).body).toEqual({ num_quarantined: 2 })
  expect(await Promise.all(media.map(status))).toEqual([404, 404])
  expect((await act('user/@nobody:here.test/media/quarantine')).body).toEqual({ num_quarantined: 0 })
  expect((await act('media/quarantine/unknown.test')).body).toEqual({ num_quarantined: 0 })
  const { num_quarantined } = (await act('media/quarantine/here.test')).body
  expect(num_quarantined).toBeGreaterThan(0)
})
