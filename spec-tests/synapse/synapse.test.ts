import { afterAll, beforeAll, describe, test } from 'vitest'
import { startSynapsePair, type SynapsePair } from '../support/synapse-pair.ts'
import { skipWithoutSynapse } from '../support/synapse-python.ts'
import { joinRestricted, knock, refuseThenAccept } from './closed-rooms.ts'
import { assembleCompany, type Company } from './company.ts'
import { typeAndRead } from './ephemeral.ts'
import { openVisit } from './visit.ts'

/** Synapse alone takes seconds for some of the steps. */
const TIMEOUT_MS = 240_000

describe.skipIf(await skipWithoutSynapse())('a real Synapse', () => {
  let pair: SynapsePair
  beforeAll(async () => {
    pair = await startSynapsePair()
  })
  afterAll(() => pair?.[Symbol.asyncDispose]())

  /** Runs a scene with the rooms on one side, under names of its own. */
  const scene = (owner: 'ours' | 'synapse', name: string, play: (company: Company) => Promise<void>) =>
    pair.withLogs(async () => {
      const [host, guest] = owner === 'ours' ? [pair.ours, pair.synapse] : [pair.synapse, pair.ours]
      await play(await assembleCompany(host, guest, `.${name}.${owner}`))
    })

  describe.each(['ours', 'synapse'] as const)('in rooms of %s', (owner) => {
    test.each(['10', '11', '12'])(
      'of version %s: a visit with everything',
      (version) =>
        scene(owner, `visit${version}`, async (company) => {
          const alias = `visit${version}.${owner}`
          const visit = await openVisit(company, version, alias)
          await visit.comeByAlias(`#${alias}:${company.host.serverName}`)
          await visit.comeInvitedAndById()
          await visit.talkAndRedact()
          await visit.passPowerOn()
          await typeAndRead(visit)
          await visit.moderate()
          await visit.burst()
          await visit.partAndCompare()
        }),
      TIMEOUT_MS,
    )

    test.each(['6', '9'])(
      'of version %s: coming and talking',
      (version) =>
        scene(owner, `visit${version}`, async (company) => {
          const alias = `visit${version}.${owner}`
          const visit = await openVisit(company, version, alias)
          await visit.comeByAlias(`#${alias}:${company.host.serverName}`)
          await visit.comeInvitedAndById()
          await visit.talkAndRedact()
          await visit.partAndCompare()
        }),
      TIMEOUT_MS,
    )

    test.each(['10', '12'])(
      'of version %s: invites refused and accepted, knocks and restricted joins',
      (version) =>
        scene(owner, `closed${version}`, async (company) => {
          await refuseThenAccept(company, version)
          await knock(company, version)
          await joinRestricted(company, version)
        }),
      TIMEOUT_MS,
    )
  })
})
