import { createHash, randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AccessTimes } from '../../homeserver/media/access-times.ts'
import { storeBlob } from '../../homeserver/media/store-file.ts'
import { collectBlobs } from '../../homeserver/media/upkeep/collect-blobs.ts'
import { expireMedia } from '../../homeserver/media/upkeep/expire-media.ts'
import { MediaClient } from '../../spec-tests/support/media-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { Interner } from '../../storage/interning/interner.ts'
import { diskBlobs } from '../../storage/media/blobs/disk-blobs.ts'
import { Staging } from '../../storage/media/blobs/staging.ts'
import { storeCopy } from '../../storage/media/media-writer.ts'
import { picture } from './images.fixture.ts'

const DAY_MS = 86_400_000
const LIFETIME_MS = 30 * DAY_MS

let own: TestDatabase
let database: Database
let interner: Interner
let server: TestServer
let alice: MediaClient
/** How far the clock of the upkeep is ahead of the server's. */
let later = 0

beforeAll(async () => {
  own = await createTestDatabase()
  server = await startTestServer({ database: own.address })
  alice = await MediaClient.register(server.url, 'alice')
  database = openDatabase(own.address)
  interner = new Interner(database.pool)
})
afterAll(async () => {
  await database.close()
  await server.close()
  await own.close()
})
beforeEach(() => {
  later = 0
})

const now = () => Date.now() + later
const signal = new AbortController().signal
const store = () => ({
  queries: database.queries,
  blobs: diskBlobs(server.mediaDirectory),
  staging: new Staging(join(server.mediaDirectory, 'incoming')),
  now,
})
/** What the job does that a running server has for it. */
const expire = (lifetimes: {
  localLifetimeMs?: number
  remoteLifetimeMs?: number
  remoteCacheBytes?: number
}) =>
  expireMedia(
    {
      queries: database.queries,
      interner,
      serverName: server.serverName,
      accesses: new AccessTimes(database.queries, () => undefined),
      now,
      config: {
        remoteCacheBytes: Number.MAX_SAFE_INTEGER,
        localLifetimeMs: undefined,
        remoteLifetimeMs: undefined,
        ...lifetimes,
      },
    },
    signal,
  )

const filesOnDisk = async (): Promise<number> => {
  const entries = await readdir(server.mediaDirectory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}
/** Deletes the blobs that no row stands for any more. */
const collect = () => {
  later = DAY_MS
  return collectBlobs(store(), signal, () => {})
}
const rowOf = (media: string) =>
  database.queries.updateTable('media').where('media_id', '=', media.split('/')[1]!)
const unseenFor = (ms: number, media: string) =>
  rowOf(media)
    .set({ accessed_ts: Date.now() - ms })
    .execute()
const statusOf = async (media: string): Promise<number> => (await alice.download(media)).status

/** As if it had been fetched from another server, which is not there any more. */
async function copied(mediaId: string, bytes: Buffer, unseenMs: number): Promise<string> {
  const path = await store().staging.newPath()
  await writeFile(path, bytes)
  await storeCopy(database.queries, await interner.serverNid('there.test'), mediaId, {
    blob: await storeBlob(store(), path),
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest(),
    contentType: 'application/zip',
    sniffedType: undefined,
    fileName: undefined,
    authenticated: true,
    storedTs: Date.now(),
  })
  await unseenFor(unseenMs, `there.test/${mediaId}`)
  return `there.test/${mediaId}`
}

test('the job is there, and takes nothing where nothing is configured', async () => {
  const jobs = await database.queries
    .selectFrom('job')
    .select('kind')
    .where('kind', '=', 'media.retention')
    .execute()
  expect(jobs).toHaveLength(1)
  const media = await alice.upload('for ever')
  await unseenFor(10 * 365 * DAY_MS, media)
  expect(await expire({})).toBe(0)
  expect(await statusOf(media)).toBe(200)
  await unseenFor(0, media)
})

test('local media that nobody has looked at for long expires; what is protected or quarantined stays', async () => {
  const image = await picture(640, 640).png().toBuffer()
  const [old, young, kept, held] = [
    await alice.upload(image, { type: 'image/png' }),
    await alice.upload('young'),
    await alice.upload('protected'),
    await alice.upload('quarantined'),
  ]
  for (const media of [old, kept, held]) await unseenFor(LIFETIME_MS + 1_000, media)
  await unseenFor(LIFETIME_MS - DAY_MS, young)
  await rowOf(kept).set({ protected: true }).execute()
  await rowOf(held).set({ quarantined_ts: Date.now() }).execute()
  const form = { width: '32', height: '32', method: 'crop' }
  expect((await alice.thumbnail(old, form)).status).toBe(200)
  // The look at the thumbnail is not written yet; an hour later it would keep the image.
  await unseenFor(LIFETIME_MS + 1_000, old)
  const files = await filesOnDisk()
  expect(await expire({ localLifetimeMs: LIFETIME_MS })).toBe(1)
  expect(await collect()).toBeGreaterThanOrEqual(2)
  expect(await filesOnDisk()).toBeLessThanOrEqual(files - 2)

  const expired = { errcode: 'M_NOT_FOUND', error: 'This media has expired or was deleted' }
  for (const answer of [
    await alice.download(old),
    await alice.thumbnail(old, form),
    await alice.downloadOld(old),
  ])
    expect([answer.status, await answer.json()]).toEqual([404, expired])
  expect(await Promise.all([young, kept, held].map(statusOf))).toEqual([200, 200, 404])
  await rowOf(held).set({ quarantined_ts: null }).execute()
  expect(await statusOf(held)).toBe(200)
  // Nobody else's content takes the place of what was there.
  expect((await alice.uploadTo(old, 'other')).status).toBe(404)
})

test("copies of other servers' media expire on their own", async () => {
  const bytes = randomBytes(100)
  const old = await copied('old', bytes, LIFETIME_MS + 1_000)
  const young = await copied('young', bytes, LIFETIME_MS - DAY_MS)
  const local = await alice.upload('local')
  await unseenFor(LIFETIME_MS + 1_000, local)
  expect(await Promise.all([old, young].map(statusOf))).toEqual([200, 200])
  await unseenFor(LIFETIME_MS + 1_000, old)
  expect(await expire({ remoteLifetimeMs: LIFETIME_MS })).toBe(1)
  // It is asked for at its server again, which cannot be reached.
  expect(await Promise.all([old, young, local].map(statusOf))).toEqual([502, 200, 200])
})

test('beyond its size the cache loses what nobody has looked at the longest, and no more', async () => {
  expect(await expire({ remoteCacheBytes: 0 })).toBe(1)
  const bytes = randomBytes(4_000)
  const copies = []
  for (const days of [3, 5, 1, 4]) copies.push(await copied(`days-${days}`, bytes, days * DAY_MS))
  const held = await copied('held', bytes, 9 * DAY_MS)
  await rowOf(held).set({ quarantined_ts: Date.now() }).execute()
  expect(await expire({ remoteCacheBytes: 5 * bytes.length })).toBe(0)
  // Two too many: what is quarantined takes its place all the same.
  expect(await expire({ remoteCacheBytes: 3 * bytes.length })).toBe(2)
  expect(await Promise.all(copies.map(statusOf))).toEqual([200, 502, 200, 502])
})
