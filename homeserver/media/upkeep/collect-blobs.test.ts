import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../../../storage/database.ts'
import type { BlobKey } from '../../../storage/media/blobs/blob-key.ts'
import { MissingBlobError } from '../../../storage/media/blobs/blob-store.ts'
import { diskBlobs } from '../../../storage/media/blobs/disk-blobs.ts'
import { Staging } from '../../../storage/media/blobs/staging.ts'
import { keepBlob } from '../../../storage/media/loose-blobs.ts'
import { storeBlob } from '../store-file.ts'
import { collectBlobs, LOOSE_FOR_MS } from './collect-blobs.ts'

let directory: string
let own: TestDatabase
let database: Database
let now = 0

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-blobs-'))
  own = await createTestDatabase()
  database = openDatabase(own.address)
})
afterAll(async () => {
  await database.close()
  await own.close()
  await rm(directory, { recursive: true })
})

function store() {
  const staging = new Staging(join(directory, 'incoming'))
  return { queries: database.queries, blobs: diskBlobs(directory), staging, now: () => now }
}

async function stored(): Promise<BlobKey> {
  const services = store()
  const path = await services.staging.newPath()
  await writeFile(path, 'bytes')
  return storeBlob(services, path)
}

const keep = (key: BlobKey) =>
  database.queries.transaction().execute((transaction) => keepBlob(transaction, key))
const collect = () => collectBlobs(store(), new AbortController().signal, () => {})

test('what no row came to stand for is deleted, once it is old, and can then not be kept', async () => {
  const [kept, lost] = [await stored(), await stored()]
  await keep(kept)
  expect(await collect()).toBe(0)
  now += LOOSE_FOR_MS + 1
  expect(await collect()).toBe(1)
  const { blobs } = store()
  await expect(blobs.read(lost)).rejects.toThrow(MissingBlobError)
  ;(await blobs.read(kept)).destroy()
  await expect(keep(lost)).rejects.toThrow('collected')
  expect(await collect()).toBe(0)
})

test('a blob is kept or collected, never both', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, stored))
  now += LOOSE_FOR_MS + 1
  const keeping = Promise.allSettled(keys.map(keep))
  await collect()
  const outcomes = await keeping
  const { blobs } = store()
  for (const [index, key] of keys.entries()) {
    const there = await blobs.read(key).then(
      (stream) => !stream.destroy().errored,
      () => false,
    )
    expect(there).toBe(outcomes[index]!.status === 'fulfilled')
  }
})

test('half a file in the staging area goes when it is old', async () => {
  const { staging } = store()
  now = Date.now()
  const [young, old] = [await staging.newPath(), await staging.newPath()]
  await writeFile(young, 'young')
  await writeFile(old, 'old')
  const before = (now - LOOSE_FOR_MS) / 1_000 - 10
  await utimes(old, before, before)
  expect(await collect()).toBe(1)
  expect(await readdir(join(directory, 'incoming'))).toHaveLength(1)
})
