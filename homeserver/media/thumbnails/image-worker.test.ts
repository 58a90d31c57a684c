import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImageWorker } from './image-worker.ts'

let directory: string
let image: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-images-'))
  image = join(directory, 'image.png')
  const background = 'red'
  await sharp({ create: { width: 3_000, height: 3_000, channels: 3, background } })
    .png()
    .toFile(image)
})
afterAll(() => rm(directory, { recursive: true }))

test('what takes too long is ended, and what comes after it is done', async () => {
  const hurried = new ImageWorker(1)
  expect(await hurried.run({ path: image, maxPixels: 1e8 })).toEqual({ fault: 'undecodable' })
  hurried.close()
  const patient = new ImageWorker()
  const facts = { width: 3_000, height: 3_000, animated: false }
  const results = await Promise.all(
    Array.from({ length: 10 }, () => patient.run({ path: image, maxPixels: 1e8 })),
  )
  expect(results).toEqual(results.map(() => facts))
  expect(await patient.run({ path: join(directory, 'none'), maxPixels: 1e8 })).toEqual({
    fault: 'undecodable',
  })
  expect(await patient.run({ path: image, maxPixels: 1e6 })).toEqual({ fault: 'too-large' })
  patient.close()
  await expect(patient.run({ path: image, maxPixels: 1e8 })).rejects.toThrow('the server stops')
})

test('what cannot be written or read is undecodable', async () => {
  const worker = new ImageWorker()
  const output = join(directory, 'no', 'such', 'directory')
  const make = { width: 32, height: 32, method: 'crop', animated: false, output } as const
  expect(await worker.run({ path: image, maxPixels: 1e8, make })).toEqual({ fault: 'undecodable' })
  await writeFile(join(directory, 'text'), 'text')
  expect(await worker.run({ path: join(directory, 'text'), maxPixels: 1e8 })).toEqual({
    fault: 'undecodable',
  })
  worker.close()
})
