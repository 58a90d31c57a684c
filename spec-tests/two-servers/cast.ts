import { EventType, Preset } from 'matrix-js-sdk'
import { eventually } from '../support/eventually.ts'
import { startSdkUser, type SdkUser } from '../support/js-sdk.ts'
import type { RegionPair } from '../support/region-pair.ts'

/** Four users, two of each region, in one room; the first of each may moderate. */
export interface Cast extends Disposable {
  readonly roomId: string
  /** Created the room, in the north. */
  readonly alice: SdkUser
  readonly anna: SdkUser
  /** Of the south, with power level 100. */
  readonly bob: SdkUser
  /** Of the south, with power level 50. */
  readonly berta: SdkUser
  readonly all: readonly SdkUser[]
}

/** Brings four users of js-sdk into a room: invited across, from either side, and joined. */
export async function assembleCast({ north, south }: RegionPair): Promise<Cast> {
  const all = await Promise.all([
    startSdkUser(north.url, 'alice'),
    startSdkUser(north.url, 'anna'),
    startSdkUser(south.url, 'bob'),
    startSdkUser(south.url, 'berta'),
  ])
  const [alice, anna, bob, berta] = all
  const { room_id: roomId } = await alice.client.createRoom({
    preset: Preset.PrivateChat,
    name: 'Two regions',
    power_level_content_override: { users: { [bob.userId]: 100, [berta.userId]: 50 } },
  })
  await alice.client.invite(roomId, anna.userId)
  await accept(anna, roomId)
  await alice.client.invite(roomId, bob.userId)
  await accept(bob, roomId)
  await bob.client.invite(roomId, berta.userId)
  await accept(berta, roomId)
  await Promise.all(all.map((user) => sees(user, roomId, all)))
  return {
    roomId,
    alice,
    anna,
    bob,
    berta,
    all,
    [Symbol.dispose]: () => all.forEach((user) => user.stop()),
  }
}

async function accept(user: SdkUser, roomId: string): Promise<void> {
  await eventually(`the invite of ${user.userId}`, () => membershipOf(user, roomId, user) === 'invite')
  await user.client.joinRoom(roomId)
}

async function sees(user: SdkUser, roomId: string, others: readonly SdkUser[]): Promise<void> {
  await eventually(`${user.userId} sees that all have joined`, () =>
    others.every((other) => membershipOf(user, roomId, other) === 'join'),
  )
}

/** A user's membership as another user's client knows it. */
export function membershipOf(observer: SdkUser, roomId: string, user: SdkUser): string | undefined {
  const room = observer.client.getRoom(roomId)
  if (user === observer) return room?.getMyMembership()
  const content = room?.currentState.getStateEvents(EventType.RoomMember, user.userId)?.getContent()
  return content?.['membership'] as string | undefined
}
