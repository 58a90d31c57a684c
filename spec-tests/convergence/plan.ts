import { roomVersion as roomVersionRules } from '../../protocol/room-versions/room-versions.ts'
import { sample, seededRandom } from '../support/seeded-random.ts'

export const SERVERS = 5
/** Of each server: the first stays in the room and may do everything, the second may moderate, the third may talk. */
export const USERS_PER_SERVER = 3
/** All of them resolve states in their own way or judge by rules of their own. */
const ROOM_VERSIONS = ['12', '12', '11', '11', '10', '9', '8', '6', '3', '2'] as const

/** A user by server and place among its users. */
export interface Actor {
  readonly server: number
  readonly user: number
}

/** One request of a client. Servers may refuse it: what the rules say then depends on what has arrived. */
export type Action = { readonly by: Actor } & (
  | { readonly kind: 'say' }
  | { readonly kind: 'topic' | 'name' }
  | { readonly kind: 'power'; readonly of: Actor; readonly level: number }
  | { readonly kind: 'threshold'; readonly key: string; readonly level: number }
  | { readonly kind: 'ban' | 'unban' | 'kick' | 'invite'; readonly of: Actor }
  | { readonly kind: 'join' | 'leave' | 'rename' }
  | { readonly kind: 'join-rule'; readonly rule: string }
  | { readonly kind: 'visibility'; readonly visibility: string }
  /** `back` counts from the newest event that the user's server has acknowledged. */
  | { readonly kind: 'redact'; readonly back: number }
)

/** A while under one condition of the network. */
export interface Stage {
  /** Ways that are cut, each for the requests of the first. */
  readonly cuts: readonly (readonly [from: number, to: number])[]
  /** A server that is killed in the middle of it. */
  readonly killed: number | undefined
  /** Whether the killed server comes back within the stage, or after the next one. */
  readonly backAtOnce: boolean
  /** In the order of each server; servers act at the same time. */
  readonly actions: readonly Action[]
}

export interface Plan {
  readonly seed: number
  readonly roomVersion: string
  readonly creator: number
  readonly stages: readonly Stage[]
}

/** What happens in a run: the same for the same seed. */
export function planOf(seed: number): Plan {
  const random = seededRandom(seed)
  const among = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1))
  const servers = Array.from({ length: SERVERS }, (_, index) => index)
  const roomVersion = among(ROOM_VERSIONS)
  // Under a rule that a version does not know nobody's membership is confirmed: a fork makes the room lose users
  // who have changed their names, and with them whole servers, as the specification has it.
  const knock = (): string => (roomVersionRules(roomVersion)?.knocking ? 'knock' : 'invite')

  const cuts = (): [number, number][] => {
    const pairs = servers.flatMap((from) => servers.map((to): [number, number] => [from, to]))
    const different = pairs.filter(([from, to]) => from !== to)
    const way = random()
    if (way < 0.3) return []
    // Single ways, which may be cut in one direction only.
    if (way < 0.5) return sample(different, between(1, 8), random)
    const sides = servers.map(() => between(0, way < 0.8 ? 1 : 2))
    return different.filter(([from, to]) => sides[from] !== sides[to])
  }

  const action = (): Action => {
    const anyone = { server: among(servers), user: between(0, USERS_PER_SERVER - 1) }
    const strong = { server: anyone.server, user: random() < 0.6 ? 0 : 1 }
    // The first of each server stays, so that each server stays.
    const other = { server: among(servers), user: between(1, USERS_PER_SERVER - 1) }
    const moving = { server: anyone.server, user: other.user }
    const kinds: readonly [weight: number, make: () => Action][] = [
      [30, () => ({ kind: 'say', by: anyone })],
      [8, () => ({ kind: 'topic', by: random() < 0.7 ? strong : anyone })],
      [4, () => ({ kind: 'name', by: strong })],
      [10, () => ({ kind: 'power', by: strong, of: other, level: among([0, 10, 50, 50, 75, 99]) })],
      [
        5,
        () => ({
          kind: 'threshold',
          by: strong,
          key: among(['ban', 'kick', 'invite', 'redact', 'state_default', 'events_default']),
          level: among([0, 10, 50, 75]),
        }),
      ],
      [9, () => ({ kind: 'ban', by: strong, of: other })],
      [6, () => ({ kind: 'unban', by: strong, of: other })],
      [5, () => ({ kind: 'kick', by: strong, of: other })],
      [4, () => ({ kind: 'invite', by: anyone, of: other })],
      [14, () => ({ kind: 'join', by: moving })],
      [6, () => ({ kind: 'leave', by: moving })],
      [3, () => ({ kind: 'rename', by: anyone })],
      [5, () => ({ kind: 'join-rule', by: strong, rule: among(['public', 'public', 'invite', knock()]) })],
      [2, () => ({ kind: 'visibility', by: strong, visibility: among(['shared', 'joined', 'invited']) })],
      [4, () => ({ kind: 'redact', by: random() < 0.5 ? strong : anyone, back: between(0, 5) })],
    ]
    let left = random() * kinds.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, make] of kinds) {
      left -= weight
      if (left < 0) return make()
    }
    return { kind: 'say', by: anyone }
  }

  const stage = (): Stage => ({
    cuts: cuts(),
    killed: random() < 0.3 ? among(servers) : undefined,
    backAtOnce: random() < 0.5,
    actions: Array.from({ length: between(5, 30) }, action),
  })
  return {
    seed,
    roomVersion,
    creator: among(servers),
    stages: Array.from({ length: between(3, 6) }, stage),
  }
}
