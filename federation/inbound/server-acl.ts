import { redactEvent } from '../../protocol/events/redact.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { compileServerAcl } from '../../protocol/server-acl/server-acl.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { OpenRoom } from '../../homeserver/rooms/open-room.ts'

const PLACE = { type: 'm.room.server_acl', stateKey: '' }
const TUPLE = stateTuple(PLACE.type, PLACE.stateKey)

const compiled = new WeakMap<JsonObject, (serverName: string) => boolean>()

/** Whether the room's access control list lets a server take part (server-server API, "Server Access Control Lists"). */
export async function isAllowedByAcl(room: OpenRoom, serverName: string): Promise<boolean> {
  const stored = (await room.stateEvents(room.head.root, [PLACE])).get(TUPLE)
  if (!stored) return true
  if (stored.redactedBy !== undefined) return compileServerAcl(redactEvent(stored.event).content)(serverName)
  const { content } = stored.event
  let allows = compiled.get(content)
  if (!allows) compiled.set(content, (allows = compileServerAcl(content)))
  return allows(serverName)
}
