import { expect } from 'vitest'
import type { Json } from '../support/test-client.ts'
import type { Company } from './company.ts'
import { invite } from './invites.ts'
import { arrival, expectAgreement, membershipOf, seesMembership } from './room-view.ts'

/** An invite to a private room of a server that is not in it: refused at first, accepted when it comes again. */
export async function refuseThenAccept({ hanna, gina }: Company, version: string): Promise<void> {
  const roomId = await hanna.createRoom({ preset: 'private_chat', room_version: version, name: 'Private' })
  await expect(gina.join(roomId, [])).rejects.toThrow('M_')
  const stripped = await invite(hanna, roomId, gina)
  expect(stripped).toContainEqual(
    expect.objectContaining({ type: 'm.room.join_rules', content: { join_rule: 'invite' } }),
  )
  await gina.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  await seesMembership(hanna, roomId, gina, 'leave')
  await invite(hanna, roomId, gina)
  await gina.join(roomId)
  await seesMembership(hanna, roomId, gina, 'join')
  const said = await gina.say(roomId, 'after all')
  await arrival(hanna, roomId, said)
  await expectAgreement(hanna, gina, roomId, [said])
}

/** A user knocks at a room of a server that its own does not share, is let in and joins. */
export async function knock({ hanna, greta, host }: Company, version: string): Promise<void> {
  const roomId = await hanna.createRoom({
    room_version: version,
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  })
  const path = `/knock/${encodeURIComponent(roomId)}?via=${encodeURIComponent(host.serverName)}`
  await greta.call('POST', path, { reason: 'may I?' })
  await seesMembership(hanna, roomId, greta, 'knock')
  await invite(hanna, roomId, greta)
  await greta.join(roomId)
  await seesMembership(hanna, roomId, greta, 'join')
  const said = await greta.say(roomId, 'thanks')
  await arrival(hanna, roomId, said)
  await expectAgreement(hanna, greta, roomId, [said])
}

/** Members of one room may join another, which needs the signature of a server that is in it; others may not. */
export async function joinRestricted({ hanna, gina, gus, host }: Company, version: string): Promise<void> {
  const lobby = await hanna.createRoom({ preset: 'public_chat', room_version: version })
  const allow: Json[] = [{ type: 'm.room_membership', room_id: lobby }]
  const roomId = await hanna.createRoom({
    room_version: version,
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'restricted', allow } }],
  })
  await gina.join(lobby, [host.serverName])
  await expect(gus.join(roomId, [host.serverName])).rejects.toThrow(': 403 ')
  await gina.join(roomId, [host.serverName])
  await seesMembership(hanna, roomId, gina, 'join')
  expect(await membershipOf(hanna, roomId, gus.userId)).toBeUndefined()
  const said = await gina.say(roomId, 'let in')
  await arrival(hanna, roomId, said)
  await expectAgreement(hanna, gina, roomId, [said])
}
