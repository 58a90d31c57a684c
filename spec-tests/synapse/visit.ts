import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { TestClient } from '../support/test-client.ts'
import type { Company } from './company.ts'
import { invite } from './invites.ts'
import { setPower } from './power.ts'
import { arrival, expectAgreement, historyOf, redact, seesMembership, seesState } from './room-view.ts'

const BEFORE_THE_JOIN = 12
const BURST = 50

/** A room of one server that users of the other come to, and what must be found on both when they are done. */
export class Visit {
  readonly company: Company
  readonly roomId: string
  readonly sent: string[] = []

  constructor(company: Company, roomId: string) {
    this.company = company
    this.roomId = roomId
  }

  /** Says something, and waits until it has come to users of the other side. */
  async say(speaker: TestClient, body: string, listeners: readonly TestClient[]): Promise<string> {
    const eventId = await speaker.say(this.roomId, body)
    for (const listener of listeners)
      expect((await arrival(listener, this.roomId, eventId))['content']).toMatchObject({ body })
    this.sent.push(eventId)
    return eventId
  }

  /** A guest comes by alias, and reads what was said before. */
  async comeByAlias(alias: string): Promise<void> {
    const { gina, hanna } = this.company
    expect(await gina.join(alias)).toBe(this.roomId)
    await seesMembership(hanna, this.roomId, gina, 'join')
    await eventually('what was said before the join', async () => {
      const told = new Set((await historyOf(gina, this.roomId)).map((event) => event['event_id']))
      return this.sent.every((eventId) => told.has(eventId))
    })
  }

  /** One is invited to the other server, one comes by id, and a guest invites a user of the host server. */
  async comeInvitedAndById(): Promise<void> {
    const { roomId } = this
    const { hanna, hugo, gina, gus, greta, host } = this.company
    const stripped = await invite(hanna, roomId, gus)
    expect(stripped).toContainEqual(
      expect.objectContaining({ type: 'm.room.name', content: { name: 'A visit' } }),
    )
    await gus.join(roomId)
    await greta.join(roomId, [host.serverName])
    for (const user of [gus, greta])
      for (const observer of [hanna, gina]) await seesMembership(observer, roomId, user, 'join')
    await invite(gina, roomId, hugo)
    // Synapse forgets state when its user joins upon an invite that has not come as an event of the room yet.
    await seesMembership(hanna, roomId, hugo, 'invite')
    await hugo.join(roomId)
    for (const observer of [hanna, gina]) await seesMembership(observer, roomId, hugo, 'join')
  }

  async talkAndRedact(): Promise<void> {
    const { roomId } = this
    const { hanna, hugo, gina, gus } = this.company
    const ofHost = await this.say(hugo, 'said by the host', [gina])
    const ofGuest = await this.say(gus, 'said by a guest', [hanna])
    const retracted = await this.say(gus, 'taken back', [hanna])
    const moderated = await this.say(gina, 'not allowed', [hugo])
    this.sent.push(await redact(gus, roomId, retracted, [hanna, gina]))
    this.sent.push(await redact(hanna, roomId, moderated, [hugo, gus]))
    this.sent.push(await setPower(hanna, roomId, gina, 100))
    await seesState(gina, roomId, 'm.room.power_levels', this.sent.at(-1)!)
    this.sent.push(await redact(gina, roomId, ofHost, [hanna, gus]))
    expect((await arrival(hanna, roomId, ofGuest))['content']).toMatchObject({ body: 'said by a guest' })
  }

  /** A guest who got power from the host gives some on; those without are refused by their own server. */
  async passPowerOn(): Promise<void> {
    const { roomId } = this
    const { hanna, hugo, gina, gus } = this.company
    await expect(gus.setState(roomId, 'm.room.topic', { topic: 'usurped' })).rejects.toThrow('M_FORBIDDEN')
    this.sent.push(await setPower(gina, roomId, gus, 50))
    await seesState(hanna, roomId, 'm.room.power_levels', this.sent.at(-1)!)
    await seesState(gus, roomId, 'm.room.power_levels', this.sent.at(-1)!)
    this.sent.push(await gus.setState(roomId, 'm.room.topic', { topic: 'by a guest' }))
    await seesState(hugo, roomId, 'm.room.topic', this.sent.at(-1)!)
    this.sent.push(await hanna.setState(roomId, 'm.room.topic', { topic: 'by the host' }))
    await seesState(gina, roomId, 'm.room.topic', this.sent.at(-1)!)
  }

  async moderate(): Promise<void> {
    const { roomId } = this
    const { hanna, hugo, gina, gus, greta, host } = this.company
    const act = (moderator: TestClient, what: string, user: TestClient) =>
      moderator.call('POST', `/rooms/${encodeURIComponent(roomId)}/${what}`, { user_id: user.userId })
    await act(gus, 'kick', hugo)
    await seesMembership(hanna, roomId, hugo, 'leave')
    await hugo.join(roomId)
    await seesMembership(gus, roomId, hugo, 'join')
    await act(hanna, 'ban', greta)
    await seesMembership(gina, roomId, greta, 'ban')
    await expect(greta.join(roomId, [host.serverName])).rejects.toThrow(': 403 ')
    await expect(greta.say(roomId, 'still here')).rejects.toThrow('M_FORBIDDEN')
    await act(gina, 'unban', greta)
    await seesMembership(hanna, roomId, greta, 'leave')
    await greta.join(roomId, [host.serverName])
    await seesMembership(hanna, roomId, greta, 'join')
  }

  /** Both sides at once, each speaker one message after the other. */
  async burst(): Promise<void> {
    const { hugo, gus } = this.company
    const bursts = [hugo, gus].map(async (speaker) => {
      for (let number = 1; number <= BURST; number++)
        this.sent.push(await speaker.say(this.roomId, `${speaker.userId} says ${number}`))
    })
    await Promise.all(bursts)
  }

  async partAndCompare(): Promise<void> {
    const { hanna, gina, gus, hugo } = this.company
    // Each side's next event ties its ends together, so that both compute the same state.
    await this.say(hanna, 'all said?', [gina])
    await this.say(gina, 'all said.', [hanna])
    await gus.call('POST', `/rooms/${encodeURIComponent(this.roomId)}/leave`, {})
    await seesMembership(hugo, this.roomId, gus, 'leave')
    await expectAgreement(hanna, gina, this.roomId, this.sent)
  }
}

/** The host's room, with something said and changed in it before anybody comes. */
export async function openVisit(company: Company, version: string, localpart: string): Promise<Visit> {
  const { hanna } = company
  const roomId = await hanna.createRoom({
    preset: 'public_chat',
    room_version: version,
    room_alias_name: localpart,
    name: 'A visit',
    // Defaults differ: those of Synapse keep the invite for moderators in every room.
    power_level_content_override: { invite: 0 },
  })
  const visit = new Visit(company, roomId)
  for (let number = 1; number <= BEFORE_THE_JOIN; number++) await visit.say(hanna, `before ${number}`, [])
  return visit
}
