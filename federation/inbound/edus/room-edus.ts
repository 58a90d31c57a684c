import type { EphemeralBus } from '../../../homeserver/ephemeral/ephemeral-bus.ts'
import type { InboundContext } from '../inbound-context.ts'
import type { EduHandler } from './edu-handler.ts'
import { receiptHandler } from './receipt.ts'
import { typingHandler } from './typing.ts'

/** The handlers of ephemeral messages about rooms, by type. Those of encryption are added to them. */
export function roomEduHandlers(
  context: Pick<InboundContext, 'rooms' | 'writer'>,
  bus: Pick<EphemeralBus, 'setTyping'>,
): ReadonlyMap<string, EduHandler> {
  return new Map([
    ['m.typing', typingHandler(context, bus)],
    ['m.receipt', receiptHandler(context)],
  ])
}
