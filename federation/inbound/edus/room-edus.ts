import type { EphemeralBus } from '../../../homeserver/ephemeral/ephemeral-bus.ts'
import type { InboundContext } from '../inbound-context.ts'
import { oneByOne, type EduHandlers } from './edu-handler.ts'
import { receiptHandler } from './receipt.ts'
import { typingHandler } from './typing.ts'

/** The handlers of ephemeral messages about rooms, by type. Those of encryption are added to them. */
export function roomEduHandlers(
  context: Pick<InboundContext, 'rooms' | 'writer'>,
  bus: Pick<EphemeralBus, 'setTyping'>,
): EduHandlers {
  return new Map([
    ['m.typing', oneByOne(typingHandler(context, bus))],
    ['m.receipt', oneByOne(receiptHandler(context))],
  ])
}
