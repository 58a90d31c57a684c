import { describe, test } from 'vitest'
import { startSynapsePair } from '../../support/synapse-pair.ts'
import { skipWithoutSynapse } from '../../support/synapse-python.ts'
import { tellStory } from './story.ts'

describe.skipIf(await skipWithoutSynapse())(
  'end-to-end encryption of the real library with a Synapse',
  () => {
    test.each(['ours', 'synapse'] as const)(
      'in a room of %s',
      async (owner) => {
        await using pair = await startSynapsePair()
        const { ours, synapse } = pair
        await pair.withLogs(() => (owner === 'ours' ? tellStory(ours, synapse) : tellStory(synapse, ours)))
      },
      300_000,
    )
  },
)
