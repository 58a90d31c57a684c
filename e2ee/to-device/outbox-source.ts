import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { deleteOutgoing, oldestOutgoing, serversWithOutgoing } from '../../storage/e2ee/to-device-outbox.ts'
import type { ToDeviceServices } from './to-device-services.ts'

/** Messages for devices of other servers, which wait until their server has got them. */
export class OutboxSource {
  readonly #services: Pick<ToDeviceServices, 'queries' | 'interner'>

  constructor(services: Pick<ToDeviceServices, 'queries' | 'interner'>) {
    this.#services = services
  }

  /** The oldest EDUs for a server, the same again until `delivered` is called. */
  async next(serverName: string, limit: number): Promise<{ edus: JsonObject[]; delivered(): Promise<void> }> {
    const { queries, interner } = this.#services
    const serverNid = await interner.findServerNid(serverName)
    const messages = serverNid === undefined ? [] : await oldestOutgoing(queries, serverNid, limit)
    const last = messages.at(-1)
    return {
      edus: messages.map(({ edu }) => ({ edu_type: 'm.direct_to_device', content: parseJson(edu) })),
      delivered: async () => {
        if (serverNid !== undefined && last) await deleteOutgoing(queries, serverNid, last.messageNid)
      },
    }
  }

  /** The servers for which something waits. */
  async servers(): Promise<string[]> {
    const { queries, interner } = this.#services
    return [...(await interner.serverNames(await serversWithOutgoing(queries))).values()]
  }
}
