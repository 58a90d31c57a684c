import { describe, test } from 'vitest'
import { startSdkUser } from '../../support/js-sdk.ts'
import { startRegionPair } from '../../support/region-pair.ts'
import { startSynapsePair } from '../../support/synapse-pair.ts'
import { skipWithoutSynapse } from '../../support/synapse-python.ts'
import { exchangeFiles } from './exchange-files.ts'

const TIMEOUT_MS = 180_000

async function exchangeBetween(first: string, second: string): Promise<void> {
  const [alice, bob] = [await startSdkUser(first, 'alice'), await startSdkUser(second, 'bob')]
  try {
    await exchangeFiles(alice, bob)
    await exchangeFiles(bob, alice)
  } finally {
    alice.stop()
    bob.stop()
  }
}

test('an image and an encrypted file are seen on another server', { timeout: TIMEOUT_MS }, async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(() => exchangeBetween(pair.north.url, pair.south.url))
})

describe.skipIf(await skipWithoutSynapse())('with a real Synapse', () => {
  test('an image and an encrypted file are seen, both ways', { timeout: TIMEOUT_MS }, async () => {
    await using pair = await startSynapsePair()
    await pair.withLogs(() => exchangeBetween(pair.ours.url, pair.synapse.url))
  })
})
