import { test } from 'vitest'
import type { Region } from '../../support/region.ts'
import { startRegionPair } from '../../support/region-pair.ts'
import { tellStory } from './story.ts'

async function killAndStart(region: Region): Promise<void> {
  await region.kill9()
  await region.start()
}

test('end-to-end encryption of the real library over two servers that are killed again and again', async () => {
  await using pair = await startRegionPair({ south: 'embedded' })
  const { north, south } = pair
  const upset = { first: () => killAndStart(north), second: () => killAndStart(south) }
  await pair.withLogs(() => tellStory(north, south, upset))
}, 300_000)
