import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { findMembership } from '../../../storage/rooms/membership-reader.ts'
import type { Actor } from './actor.ts'
import { createRoom } from './create-room/create-room.ts'
import type { RoomWish } from './create-room/room-wish.ts'
import { inviteUser } from './invite-user.ts'
import { joinRoom } from './join-room.ts'
import { knockOnRoom } from './knock-on-room.ts'
import { leaveRoom } from './leave-room.ts'
import { openNeighbours, type Neighbours } from './neighbours.fixture.ts'
import type { RoomActions } from './room-actions.ts'
import { serversToAsk } from './servers-to-ask.ts'
import { submitDraft } from './submit-draft.ts'

let neighbours: Neighbours
let alice: Actor
let bob: Actor
let carol: Actor

beforeAll(async () => {
  neighbours = await openNeighbours()
  alice = await actor(neighbours.here, '@alice:here.test')
  bob = await actor(neighbours.there, '@bob:there.test')
  carol = await actor(neighbours.there, '@carol:there.test')
})
beforeEach(() => {
  neighbours.asked.length = 0
  neighbours.cut = false
})
afterAll(() => neighbours.close())

async function actor({ services }: RoomActions, userId: string): Promise<Actor> {
  return { userId, userNid: await services.interner.userNid(userId) }
}

function create(wish: Partial<RoomWish>): Promise<string> {
  return createRoom(neighbours.here, alice, {
    version: undefined,
    preset: 'private_chat',
    creationContent: {},
    powerLevelOverride: {},
    initialState: [],
    aliasLocalpart: undefined,
    name: undefined,
    topic: undefined,
    invite: [],
    isDirect: false,
    ...wish,
  })
}

async function membershipOf({ services }: RoomActions, user: Actor, roomId: string) {
  const roomNid = await services.interner.findRoomNid(roomId)
  const userNid = await services.interner.findUserNid(user.userId)
  const row = roomNid && userNid && (await findMembership(services.queries, userNid, roomNid))
  return row ? [row.membership, row.outside] : undefined
}

const entry = (roomId: string, servers = ['here.test']) => ({ roomId, servers, content: {} })

it.each(['6', '11', '12'])(
  'a room of version %s is joined through another server, and then here',
  async (version) => {
    const { here, there, asked } = neighbours
    const roomId = await create({ version, preset: 'public_chat' })
    await Promise.all([joinRoom(there, bob, entry(roomId)), joinRoom(there, carol, entry(roomId))])
    expect(asked).toEqual(['join'])
    expect(await membershipOf(there, bob, roomId)).toEqual(['join', false])
    expect(await membershipOf(there, carol, roomId)).toEqual(['join', false])
    const known = [await membershipOf(here, bob, roomId), await membershipOf(here, carol, roomId)]
    expect(known.filter((membership) => membership?.[0] === 'join')).toHaveLength(1)
    await submitDraft(there, roomId, { type: 'org.example', sender: carol.userId, content: {} })
  },
)

it('nobody joins without a server to ask, or with one that does not know the room', async () => {
  const unknown = `!${'a'.repeat(43)}`
  await expect(joinRoom(neighbours.there, bob, entry(unknown, []))).rejects.toMatchObject({ status: 404 })
  await expect(joinRoom(neighbours.there, bob, entry(unknown))).rejects.toMatchObject({ status: 404 })
})

it('a room is entered through the servers that are named, and through those that are known when none is', async () => {
  const { there } = neighbours
  const roomId = await create({ version: '11', preset: 'public_chat' })
  expect(await serversToAsk(there, bob, entry(roomId, ['named.test']))).toEqual(['named.test'])
  expect(await serversToAsk(there, bob, entry(roomId, ['there.test', 'no server']))).toEqual(['here.test'])
  await inviteUser(neighbours.here, alice, { roomId, userId: bob.userId, content: {} })
  const asked = await serversToAsk(there, bob, entry(roomId, ['named.test']))
  expect(asked).toEqual(['named.test', 'here.test'])
})

it('an invite is signed by both servers, and accepted through the inviter', async () => {
  const { here, there, asked } = neighbours
  const roomId = await create({})
  await inviteUser(here, alice, { roomId, userId: bob.userId, content: { is_direct: true } })
  const room = (await here.writer.open(roomId))!
  const [invite] = (
    await room.stateEvents(room.head.root, [{ type: 'm.room.member', stateKey: bob.userId }])
  ).values()
  expect(Object.keys(invite!.event.pdu['signatures'] as object)).toEqual(['here.test', 'there.test'])
  expect(invite!.event.content).toEqual({ membership: 'invite', is_direct: true })
  expect(await membershipOf(there, bob, roomId)).toEqual(['invite', true])
  await joinRoom(there, bob, entry(roomId, []))
  expect(asked).toEqual(['invite', 'join'])
  expect(await membershipOf(there, bob, roomId)).toEqual(['join', false])
})

it('an invite is refused there, and when nobody answers only here', async () => {
  const { here, there } = neighbours
  const [first, second] = [await create({ invite: [bob.userId] }), await create({ invite: [bob.userId] })]
  await leaveRoom(there, bob, { roomId: first, reason: 'no' })
  expect(await membershipOf(there, bob, first)).toEqual(['leave', true])
  expect(await membershipOf(here, bob, first)).toEqual(['leave', false])
  neighbours.cut = true
  await leaveRoom(there, bob, { roomId: second, reason: undefined })
  expect(await membershipOf(there, bob, second)).toEqual(['leave', true])
  expect(await membershipOf(here, bob, second)).toEqual(['invite', false])
  const roomNid = (await there.services.interner.findRoomNid(second))!
  const row = await findMembership(there.services.queries, bob.userNid, roomNid)
  expect(JSON.parse(row!.event_pdu!.toString())).toMatchObject({
    sender: bob.userId,
    state_key: bob.userId,
    content: { membership: 'leave' },
  })
})

it('an invite that the other server does not take leaves no trace, and no half of a room', async () => {
  const { here } = neighbours
  const blocked = '@blocked:there.test'
  const roomId = await create({ invite: [blocked, bob.userId] })
  expect(await membershipOf(here, bob, roomId)).toEqual(['invite', false])
  const again = inviteUser(here, alice, { roomId, userId: blocked, content: {} })
  await expect(again).rejects.toMatchObject({ errcode: 'M_INVITE_BLOCKED' })
  expect(await membershipOf(here, await actor(here, blocked), roomId)).toBeUndefined()
})

it('a room that does not federate invites nobody of another server', async () => {
  const roomId = await create({ creationContent: { 'm.federate': false } })
  const invite = inviteUser(neighbours.here, alice, { roomId, userId: bob.userId, content: {} })
  await expect(invite).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' })
  expect(neighbours.asked).toEqual([])
})

it('a knock is kept with what the room shows of itself', async () => {
  const { here, there } = neighbours
  const roomId = await create({
    name: 'Closed',
    initialState: [{ type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'knock' } }],
  })
  await knockOnRoom(there, bob, entry(roomId))
  expect(await membershipOf(here, bob, roomId)).toEqual(['knock', false])
  expect(await membershipOf(there, bob, roomId)).toEqual(['knock', true])
  const roomNid = (await there.services.interner.findRoomNid(roomId))!
  const row = await findMembership(there.services.queries, bob.userNid, roomNid)
  const shown = JSON.parse(row!.stripped_state!.toString()) as { type: string }[]
  expect(shown.map(({ type }) => type)).toEqual(expect.arrayContaining(['m.room.create', 'm.room.name']))
  await leaveRoom(there, bob, { roomId, reason: undefined })
  expect(await membershipOf(here, bob, roomId)).toEqual(['leave', false])
})
