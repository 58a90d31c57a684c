import type { Json, TestClient } from '../support/test-client.ts'
import type { Action, Actor } from './plan.ts'

/** What the actions of one run share. */
export interface Scene {
  readonly roomId: string
  client(actor: Actor): TestClient
  /** Events that a server has acknowledged to its clients, by server. */
  readonly acknowledged: readonly string[][]
}

let count = 0

/** Does one thing. That it is refused, or that the server is down, is part of the game. */
export async function act(scene: Scene, action: Action): Promise<void> {
  const { server } = action.by
  try {
    const eventId = await perform(scene, scene.client(action.by), action)
    if (eventId !== undefined) scene.acknowledged[server]!.push(eventId)
  } catch (error) {
    if (isNetworkFailure(error) || isRefusal(error)) return
    throw error
  }
}

/** @returns the id of the event, where the answer tells it. */
async function perform(scene: Scene, client: TestClient, action: Action): Promise<string | undefined> {
  const { roomId } = scene
  const text = `${client.userId} ${++count}`
  const path = `/rooms/${encodeURIComponent(roomId)}`
  switch (action.kind) {
    case 'say':
      return client.say(roomId, text, text)
    case 'topic':
      return client.setState(roomId, 'm.room.topic', { topic: text })
    case 'name':
      return client.setState(roomId, 'm.room.name', { name: text })
    case 'power': {
      const levels = await powerLevels(client, path)
      const users = { ...(levels['users'] as Json), [scene.client(action.of).userId]: action.level }
      return client.setState(roomId, 'm.room.power_levels', { ...levels, users })
    }
    case 'threshold': {
      const levels = await powerLevels(client, path)
      return client.setState(roomId, 'm.room.power_levels', { ...levels, [action.key]: action.level })
    }
    case 'ban':
    case 'unban':
    case 'kick':
    case 'invite':
      await client.call('POST', `${path}/${action.kind}`, { user_id: scene.client(action.of).userId })
      return undefined
    case 'join':
      await client.join(roomId)
      return undefined
    case 'leave':
      await client.call('POST', `${path}/leave`, {})
      return undefined
    case 'rename':
      return client.setState(
        roomId,
        'm.room.member',
        { membership: 'join', displayname: text },
        client.userId,
      )
    case 'join-rule':
      return client.setState(roomId, 'm.room.join_rules', { join_rule: action.rule })
    case 'visibility':
      return client.setState(roomId, 'm.room.history_visibility', { history_visibility: action.visibility })
    case 'redact': {
      const target = scene.acknowledged[action.by.server]!.at(-1 - action.back)
      if (target === undefined) return undefined
      const answer = await client.call('PUT', `${path}/redact/${encodeURIComponent(target)}/r${++count}`, {})
      return String(answer['event_id'])
    }
  }
}

const powerLevels = (client: TestClient, path: string): Promise<Json> =>
  client.call('GET', `${path}/state/m.room.power_levels/`)

/** `fetch` says nothing more of a broken or refused connection. */
const isNetworkFailure = (error: unknown): boolean => error instanceof TypeError

/** A client's mistake, as its server sees it, or another server out of reach. A server that fails is no part of the game. */
const isRefusal = (error: unknown): boolean => error instanceof Error && / (4\d\d|502) /.test(error.message)
