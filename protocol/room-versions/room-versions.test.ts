import { describe, expect, it } from 'vitest'
import { DEFAULT_ROOM_VERSION, ROOM_VERSIONS, roomVersion } from './room-versions.ts'
import type { RoomVersionRules } from './rules.ts'

const stable = [...ROOM_VERSIONS].filter(([, { stability }]) => stability === 'stable')

/** The first version in which a rule has a value other than in version 1. */
function changes(rule: (version: RoomVersionRules) => unknown): string[] {
  const ids: string[] = []
  let before: unknown
  for (const [id, version] of stable) {
    const now = rule(version)
    if (ids.length === 0 || now !== before) ids.push(id)
    before = now
  }
  return ids.slice(1)
}

describe('room versions', () => {
  it('of the specification are twelve, the newest the default', () => {
    expect(stable.map(([id]) => id)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'])
    expect(DEFAULT_ROOM_VERSION).toBe('12')
    expect(roomVersion('12')?.id).toBe('12')
    for (const id of ['', '0', '13', '01', '__proto__', 'org.example'])
      expect(roomVersion(id)).toBeUndefined()
  })

  it('of proposals differ from their base by one rule', () => {
    const { id, stability, ownedState, ...rules } = roomVersion('org.matrix.msc3757.11')!
    expect([id, stability, ownedState]).toEqual(['org.matrix.msc3757.11', 'unstable', true])
    expect(roomVersion('11')).toEqual({ ...rules, id: '11', stability: 'stable', ownedState: false })
  })

  it('change each rule where the specification does', () => {
    expect(changes((v) => v.eventIdFormat)).toEqual(['3', '4'])
    expect(changes((v) => v.eventReferences)).toEqual(['3'])
    expect(changes((v) => v.strictCanonicalJson)).toEqual(['6'])
    expect(changes((v) => v.enforceKeyValidity)).toEqual(['5'])
    expect(changes((v) => v.stateResolution)).toEqual(['2', '12'])
    expect(changes((v) => v.redactionInAuthRules)).toEqual(['3'])
    expect(changes((v) => v.aliasesSpecialCase)).toEqual(['6'])
    expect(changes((v) => v.checkNotificationLevels)).toEqual(['6'])
    expect(changes((v) => v.powerLevelValues)).toEqual(['10'])
    expect(changes((v) => v.knocking)).toEqual(['7'])
    expect(changes((v) => v.restrictedJoins)).toEqual(['8'])
    expect(changes((v) => v.knockRestrictedJoins)).toEqual(['10'])
    expect(changes((v) => v.creators)).toEqual(['11', '12'])
    expect(changes((v) => v.privilegedCreators)).toEqual(['12'])
    expect(changes((v) => v.roomIdIsCreateHash)).toEqual(['12'])
    expect(changes((v) => v.redactsInContent)).toEqual(['11'])
    expect(changes((v) => v.redaction.keepsAliases)).toEqual(['6'])
    expect(changes((v) => v.redaction.keepsJoinRulesAllow)).toEqual(['8'])
    expect(changes((v) => v.redaction.keepsJoinAuthorisedVia)).toEqual(['9'])
    expect(changes((v) => v.redaction.keepsCreateContent)).toEqual(['11'])
  })
})
