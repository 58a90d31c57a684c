import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeAdministrator } from '../../spec-tests/support/administrator.ts'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { Interner } from '../../storage/interning/interner.ts'

const YEAR_MS = 365 * 86_400_000
const ALICE = '@alice:here.test'

let own: TestDatabase
let database: Database
let server: TestServer
let admin: MediaClient
let alice: MediaClient

beforeAll(async () => {
  own = await createTestDatabase()
  server = await startTestServer({ database: own.address })
  database = openDatabase(own.address)
  const root = await server.register('root')
  await makeAdministrator(own.address, root)
  admin = MediaClient.of(root)
  alice = await MediaClient.register(server.url, 'alice')
})
afterAll(async () => {
  await database.close()
  await server.close()
  await own.close()
})

const ask = (method: string, path: string, by = admin) => by.request(method, `/_synapse/admin/v1/${path}`)
const idOf = (media: string): string => media.split('/')[1]!
const statusOf = async (media: string): Promise<number> => (await alice.download(media)).status
const change = (media: string, values: { readonly accessed_ts: number }) =>
  database.queries.updateTable('media').set(values).where('media_id', '=', idOf(media)).execute()

test('nobody else is let in, and odd queries are refused', async () => {
  const media = await alice.upload('x')
  for (const [method, path] of [
    ['GET', `media/${media}`],
    ['DELETE', `media/${media}`],
    ['POST', 'media/delete?before_ts=1700000000000'],
    ['POST', 'purge_media_cache?before_ts=1700000000000'],
    ['GET', 'room/!r:here.test/media'],
    ['GET', `users/${ALICE}/media`],
    ['DELETE', `users/${ALICE}/media`],
  ] as const) {
    expect([path, (await ask(method, path, alice)).status]).toEqual([path, 403])
  }
  for (const path of ['media/delete', 'media/delete?before_ts=1700000000', 'purge_media_cache?before_ts=x']) {
    expect([path, (await ask('POST', path)).status]).toEqual([path, 400])
  }
  for (const query of ['order_by=secret', 'dir=up', 'limit=-1', 'from=1.5']) {
    expect((await ask('GET', `users/${ALICE}/media?${query}`)).status).toBe(400)
  }
  expect((await ask('GET', 'users/@nobody:here.test/media')).status).toBe(404)
  expect((await ask('GET', 'users/@bob:there.test/media')).status).toBe(400)
  expect((await ask('DELETE', 'media/there.test/abc')).status).toBe(400)
  expect((await ask('GET', 'media/here.test/unknown')).status).toBe(404)
  expect(await statusOf(media)).toBe(200)
})

test('what a user has uploaded is listed by pages, shown and deleted', async () => {
  const bob = await MediaClient.register(server.url, 'bob')
  const files = [await bob.upload('a', { name: 'a.txt' }), await bob.upload('bbb'), await bob.upload('cc')]
  const list = async (query: string) => (await ask('GET', `users/@bob:here.test/media${query}`)).body
  const idsIn = (body: Record<string, unknown>) =>
    (body['media'] as { media_id: string }[]).map((file) => file.media_id)
  const newest = await list('?limit=2')
  expect([idsIn(newest), newest['total'], newest['next_token']]).toEqual([
    [files[2]!, files[1]!].map(idOf),
    3,
    2,
  ])
  const rest = await list('?limit=2&from=2')
  expect([idsIn(rest), rest['next_token']]).toEqual([[idOf(files[0]!)], undefined])
  expect(idsIn(await list('?order_by=media_length'))).toEqual([files[0]!, files[2]!, files[1]!].map(idOf))
  expect((await ask('GET', `media/${files[0]!}`)).body).toEqual({
    media_info: {
      media_origin: null,
      user_id: '@bob:here.test',
      media_id: idOf(files[0]!),
      media_type: 'text/plain',
      media_length: 1,
      upload_name: 'a.txt',
      created_ts: expect.any(Number),
      last_access_ts: expect.any(Number),
      quarantined_by: null,
      safe_from_quarantine: false,
      authenticated: true,
      url_cache: null,
      filesystem_id: null,
      sha256: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
    },
  })
  const one = await ask('DELETE', `media/${files[1]!}`)
  expect(one.body).toEqual({ deleted_media: [idOf(files[1]!)], total: 1 })
  expect((await ask('DELETE', `media/${files[1]!}`)).status).toBe(404)
  const all = await ask('DELETE', 'users/@bob:here.test/media')
  expect(all.body).toEqual({ deleted_media: [files[2]!, files[0]!].map(idOf), total: 2 })
  expect(await Promise.all(files.map(statusOf))).toEqual([404, 404, 404])
  expect(await list('')).toEqual({ media: [], total: 0 })
})

test('old local files are deleted, pictures of users and rooms only if that is meant', async () => {
  const [old, small, young, face, sign] = [
    await alice.upload('old and long'),
    await alice.upload('old'),
    await alice.upload('young and long'),
    await alice.upload('picture of alice'),
    await alice.upload('picture of a room'),
  ]
  await alice.call('PUT', `/profile/${ALICE}/avatar_url`, { avatar_url: `mxc://${face}` })
  const roomId = await alice.createRoom()
  await alice.setState(roomId, 'm.room.avatar', { url: `mxc://${sign}` })
  for (const media of [old, small, face, sign]) await change(media, { accessed_ts: Date.now() - YEAR_MS })
  const before = Date.now() - YEAR_MS / 2
  const first = await ask('POST', `media/delete?before_ts=${before}&size_gt=3`)
  expect(first.body).toEqual({ deleted_media: [idOf(old)], total: 1 })
  expect(await Promise.all([old, small, young, face, sign].map(statusOf))).toEqual([404, 200, 200, 200, 200])
  for (const media of [face, sign]) await change(media, { accessed_ts: Date.now() - 2 * YEAR_MS })
  // By the older path. The looks of just now count.
  const second = await ask('POST', `media/here.test/delete?before_ts=${before}&keep_profiles=false`)
  expect(second.body['total']).toBe(0)
  for (const media of [face, sign]) await change(media, { accessed_ts: Date.now() - 2 * YEAR_MS })
  const third = await ask('POST', `media/here.test/delete?before_ts=${before}&keep_profiles=false`)
  expect(third.body).toEqual({ deleted_media: [face, sign].map(idOf), total: 2 })
})

test('what a room names is listed, of this server and of others, and can be quarantined by the older path', async () => {
  const carol = await MediaClient.register(server.url, 'carol')
  const media = await carol.upload('shown')
  const roomId = await carol.createRoom()
  await carol.send(roomId, 'm.room.message', { msgtype: 'm.image', body: 'a', url: `mxc://${media}` })
  await carol.say(roomId, 'mxc://there.test/abc')
  const room = encodeURIComponent(roomId)
  const named = { local: [`mxc://${media}`], remote: ['mxc://there.test/abc'] }
  expect((await ask('GET', `room/${room}/media`)).body).toEqual(named)
  expect((await ask('POST', `quarantine_media/${room}`)).body).toEqual({ num_quarantined: 1 })
  expect(await statusOf(media)).toBe(404)
})

test('how much each user has uploaded is told by pages, and who is sought', async () => {
  for (const [name, sizes] of [
    ['dora', [5, 7]],
    ['emil', [100]],
    ['fritz_', [1, 1, 1]],
  ] as const) {
    const client = await MediaClient.register(server.url, name)
    for (const size of sizes) await client.upload('x'.repeat(size))
    await client.call('PUT', `/profile/@${name}:here.test/displayname`, {
      displayname: `"${name}" of the 100%`,
    })
  }
  const list = async (query: string) => (await ask('GET', `statistics/users/media?${query}`)).body
  const named = (count: number, bytes: number, name: string) => ({
    user_id: `@${name}:here.test`,
    displayname: `"${name}" of the 100%`,
    media_count: count,
    media_length: bytes,
  })
  const most = await list('search_term=100%25&order_by=media_length&dir=b&limit=2')
  expect(most).toEqual({ users: [named(1, 100, 'emil'), named(2, 12, 'dora')], total: 3, next_token: 2 })
  const rest = await list('search_term=100%25&order_by=media_length&dir=b&limit=2&from=2')
  expect(rest).toEqual({ users: [named(3, 3, 'fritz_')], total: 3 })
  expect((await list('search_term=%22DORA%22'))['users']).toEqual([named(2, 12, 'dora')])
  expect((await list('search_term=z_:'))['users']).toEqual([named(3, 3, 'fritz_')])
  expect(await list('until_ts=1000')).toEqual({ users: [], total: 0 })
  expect((await ask('GET', 'statistics/users/media', alice)).status).toBe(403)
  expect((await ask('GET', 'statistics/users/media?order_by=password')).status).toBe(400)
})

test("copies of other servers' files are purged by age, and local files are left alone", async () => {
  const there = await new Interner(database.pool).serverNid('there.test')
  const [old, young, local] = [await alice.upload('1'), await alice.upload('2'), await alice.upload('3')]
  for (const media of [old, young]) {
    const copy = { server_nid: there, uploader_nid: null }
    await database.queries.updateTable('media').set(copy).where('media_id', '=', idOf(media)).execute()
  }
  for (const media of [old, local]) await change(media, { accessed_ts: Date.now() - YEAR_MS })
  const answer = await ask('POST', `purge_media_cache?before_ts=${Date.now() - YEAR_MS / 2}`)
  expect(answer.body).toEqual({ deleted: 1 })
  expect((await ask('GET', `media/there.test/${idOf(old)}`)).status).toBe(404)
  expect((await ask('GET', `media/there.test/${idOf(young)}`)).body['media_info']).toMatchObject({
    media_origin: 'there.test',
    user_id: null,
  })
  expect(await statusOf(local)).toBe(200)
})
