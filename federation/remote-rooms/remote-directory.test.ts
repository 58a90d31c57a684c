import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDirectory, type Directory } from '../../homeserver/directory/directory.ts'
import { browseSpace } from '../../homeserver/directory/hierarchy/browse-space.ts'
import { summariseRoom } from '../../homeserver/directory/summaries/summarise-room.ts'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import type { RoomWish } from '../../homeserver/rooms/actions/create-room/room-wish.ts'
import { federatingServer, type FederatingServer } from '../test-support/federating-server.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'
import { createRemoteDirectory } from './remote-directory.ts'

let network: PrivateNetwork
let here: FederatingServer
let there: FederatingServer
let directory: Directory
let alice: Actor
let bob: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await federatingServer(network, 'here.test')
  there = await federatingServer(network, 'there.test')
  alice = await there.resident.user('alice')
  bob = await here.resident.user('bob')
})
afterAll(async () => {
  await here.close()
  await there.close()
  await network.close()
})

/** The directory of `here`, which has asked nobody yet. */
async function freshDirectory(): Promise<Directory> {
  return openDirectory(here.actions, createRemoteDirectory(here.federation))
}

const SPACE: Partial<RoomWish> = { creationContent: { type: 'm.space' } }

function elsewhere(wish: Partial<RoomWish> = {}): Promise<string> {
  return there.resident.createRoom(alice, wish)
}

async function link(
  server: FederatingServer,
  parent: string,
  child: string,
  ...via: string[]
): Promise<void> {
  const sender = server === here ? bob.userId : alice.userId
  const draft = { type: 'm.space.child', stateKey: child, sender, content: { via } }
  await server.resident.send(parent, draft)
}

async function browse(roomId: string, user = bob): Promise<unknown[]> {
  const everything = { suggestedOnly: undefined, maxDepth: undefined, limit: undefined, from: undefined }
  const { rooms } = await browseSpace(directory, user, { roomId, ...everything })
  return rooms.map((room) => room['room_id'])
}

describe('a space whose rooms are elsewhere', () => {
  it('is told through their servers, there and back again', async () => {
    directory = await freshDirectory()
    const root = await here.resident.createRoom(bob, SPACE)
    const [inner, room, closed] = [
      await elsewhere(SPACE),
      await elsewhere(),
      await elsewhere({ preset: 'private_chat' }),
    ]
    const home = await here.resident.createRoom(bob)
    await link(here, root, inner, 'gone.test', 'there.test')
    await link(there, inner, room, 'there.test')
    await link(there, inner, closed, 'there.test')
    await link(there, inner, home, 'here.test')
    expect(await browse(root)).toEqual([root, inner, room, home])
    // What was told is kept for a while.
    const later = await elsewhere()
    await link(there, inner, later, 'there.test')
    expect(await browse(root)).toEqual([root, inner, room, home])
    directory = await freshDirectory()
    expect(await browse(root)).toEqual([root, inner, room, home, later])
  })

  it('shows restricted rooms to the members of the rooms that they name', async () => {
    directory = await freshDirectory()
    const root = await here.resident.createRoom(bob, SPACE)
    const content = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: root }] }
    const room = await elsewhere({ initialState: [{ type: 'm.room.join_rules', stateKey: '', content }] })
    await link(here, root, room, 'there.test')
    // Their server does not know yet who is in the space.
    expect(await browse(root)).toEqual([root])
    await there.joinThrough(alice, root, 'here.test')
    expect(await browse(root)).toEqual([root, room])
    expect(await browse(root, await here.resident.user('carol'))).toEqual([root])
  })
})

describe('a room elsewhere', () => {
  it('is summarised through the servers that are named, for users alone', async () => {
    directory = await freshDirectory()
    const roomId = await elsewhere({ name: 'Far away', version: '11' })
    const { summary, membership } = await summariseRoom(directory, bob, roomId, ['there.test'])
    expect(summary).toMatchObject({ roomId, name: 'Far away', version: '11', joined: 1 })
    expect(membership).toBe('leave')
    for (const [user, via] of [
      [undefined, ['there.test']],
      [bob, ['gone.test']],
    ] as const) {
      const none = summariseRoom(await freshDirectory(), user, await elsewhere(), via)
      await expect(none).rejects.toMatchObject({ status: 404, errcode: 'M_NOT_FOUND' })
    }
  })
})

describe('the public directory of another server', () => {
  const question = { limit: 1, since: undefined, searchTerm: undefined, roomTypes: undefined }

  it('is read page by page, without the rooms that nobody else can join', async () => {
    directory = await freshDirectory()
    const rooms = [
      await elsewhere({ name: 'Listed' }),
      await elsewhere({ name: 'Listed too', ...SPACE }),
      await elsewhere({ name: 'Listed for locals', creationContent: { 'm.federate': false } }),
    ]
    for (const roomId of rooms) {
      const room = await there.actions.writer.open(roomId)
      await there.resident.published.publish(room!.head.roomNid)
    }
    const { publicRooms } = directory.remote!
    const first = await publicRooms('there.test', question)
    expect(first).toMatchObject({ chunk: [{ room_id: rooms[1], name: 'Listed too' }], totalEstimate: 2 })
    const second = await publicRooms('there.test', { ...question, since: first.nextBatch })
    expect(second.chunk).toMatchObject([{ room_id: rooms[0], name: 'Listed' }])
    const spaces = { ...question, searchTerm: 'LISTED', roomTypes: ['m.space'] }
    expect((await publicRooms('there.test', spaces)).chunk).toHaveLength(1)
  })

  it('is not there where the server is not', async () => {
    const answer = directory.remote!.publicRooms('gone.test', question)
    await expect(answer).rejects.toMatchObject({ status: 502 })
  })
})
