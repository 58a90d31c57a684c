import { afterAll, beforeAll, describe, test } from 'vitest'
import { startSynapsePair, type SynapsePair } from '../support/synapse-pair.ts'
import { skipWithoutSynapse } from '../support/synapse-python.ts'
import { assembleCompany } from './company.ts'
import { openVisit } from './visit.ts'

/** Synapse alone takes seconds for some of the steps. */
const TIMEOUT_MS = 240_000

describe.skipIf(await skipWithoutSynapse())('a real Synapse', () => {
  let pair: SynapsePair
  beforeAll(async () => {
    pair = await startSynapsePair()
  })
  afterAll(() => pair[Symbol.asyncDispose]())

  describe.each(['10', '11', '12'])('in a room of version %s', (version) => {
    test.each(['ours', 'synapse'] as const)(
      'of %s',
      (owner) =>
        pair.withLogs(async () => {
          const [host, guest] = owner === 'ours' ? [pair.ours, pair.synapse] : [pair.synapse, pair.ours]
          const name = `${version}.${owner}`
          const company = await assembleCompany(host, guest, name)
          const visit = await openVisit(company, version, `visit${name}`)
          await visit.comeByAlias(`#visit${name}:${host.serverName}`)
          await visit.comeInvitedAndById()
          await visit.talkAndRedact()
          await visit.passPowerOn()
          await visit.moderate()
          await visit.burst()
          await visit.partAndCompare()
        }),
      TIMEOUT_MS,
    )
  })
})
