import { hasTypingNews } from '../../sync/ephemeral-events.ts'
import { byRoomText, roomsInScope, type ExtensionContext } from './extension-context.ts'
import type { ExtensionPart } from './sliding-extension.ts'

/** The typing extension (MSC3961). Undefined where it is switched off. */
export function typingExtension(context: ExtensionContext): ExtensionPart | undefined {
  const { services, request, choice, shown, seen } = context
  const { ephemeral } = services
  if (!request.extensions.typing) return undefined
  const texts: (readonly [string, string])[] = []
  for (const [roomNid, roomId] of roomsInScope(context, request.extensions.typing)) {
    if (choice.rooms.get(roomNid)!.room.membership !== 'join') continue
    if (!hasTypingNews(ephemeral, roomId, shown.has(roomNid) ? undefined : seen)) continue
    const content = { user_ids: ephemeral.typingIn(roomId) }
    texts.push([roomId, JSON.stringify({ type: 'm.typing', content })])
  }
  return { text: `{"rooms":${byRoomText(texts)}}`, hasNews: texts.length > 0 }
}
