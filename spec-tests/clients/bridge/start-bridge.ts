import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppServiceRegistration, Bridge, Logger } from 'matrix-appservice-bridge'
import { stringify } from 'yaml'
import { freePorts } from '../../../homeserver/cli/demo/free-ports.ts'
import { openLink } from '../../support/link.ts'
import type { Json } from '../../support/test-client.ts'

/** What a bridge bridges to: a network of channels, in this process. */
export interface Network {
  /** What was said on Matrix, in the order in which it came. */
  readonly said: { readonly channel: string; readonly sender: string; readonly body: string }[]
  /** Typing, receipts and presence, as they came. */
  readonly signs: Json[]
  /** Somebody of the network says something in a channel; on Matrix that is a ghost in the portal room. */
  say(nick: string, channel: string, body: string): Promise<string>
  /** Types in a portal. */
  type(nick: string, channel: string): Promise<void>
  /** Has read a portal. */
  read(nick: string, channel: string, eventId: string): Promise<void>
}

/** A bridge that is made with matrix-appservice-bridge. */
export interface TestBridge extends Network {
  readonly registrationFile: string
  /** Where it looks for the homeserver. */
  leadTo(url: string): void
  close(): Promise<void>
}

const DOMAIN = 'here.test'

/**
 * Starts one. It makes portal rooms and ghosts when it is asked for them, as bridges do. It belongs to `here.test`.
 */
export async function startBridge(): Promise<TestBridge> {
  Logger.configure({ console: 'off' })
  const homeserver = await openLink()
  const [port = 0] = await freePorts(1)
  const registration = new AppServiceRegistration(`http://127.0.0.1:${port}`)
  registration.setId('library-bridge')
  registration.setAppServiceToken(AppServiceRegistration.generateToken())
  registration.setHomeserverToken(AppServiceRegistration.generateToken())
  registration.setSenderLocalpart('_lib_bot')
  registration.setRateLimited(false)
  registration.setProtocols(['lib'])
  registration.pushEphemeral = true
  registration.addRegexPattern('users', `@_lib_.*:${DOMAIN}`, true)
  registration.addRegexPattern('aliases', `#_lib_.*:${DOMAIN}`, true)
  const directory = await mkdtemp(join(tmpdir(), 'meridian-bridge-'))
  const registrationFile = join(directory, 'registration.yaml')
  await writeFile(registrationFile, stringify(registration.getOutput()))

  const said: { channel: string; sender: string; body: string }[] = []
  const signs: Json[] = []
  const portals = new Map<string, string>()
  const channelOf = (roomId: string): string => [...portals].find(([, id]) => id === roomId)?.[0] ?? roomId
  const bridge = new Bridge({
    homeserverUrl: `http://127.0.0.1:${homeserver.port}`,
    domain: DOMAIN,
    registration,
    disableStores: true,
    suppressEcho: true,
    controller: {
      onUserQuery: (user) => ({ name: user.localpart }),
      onAliasQuery: (_alias, localpart) => ({
        creationOpts: { room_alias_name: localpart, name: localpart, preset: 'public_chat' },
      }),
      onAliasQueried: (alias, roomId) =>
        void portals.set(alias.slice('#_lib_'.length, -DOMAIN.length - 1), roomId),
      onEvent: (request) => {
        const { type, room_id: roomId, sender, content } = request.getData()
        if (type === 'm.room.message')
          said.push({ channel: channelOf(roomId), sender, body: String(content['body']) })
      },
      onEphemeralEvent: (request) => void signs.push({ ...request.getData() }),
    },
  })
  await bridge.initialise()
  await bridge.listen(port, '127.0.0.1')
  const ghost = (nick: string) => bridge.getIntent(`@_lib_${nick}:${DOMAIN}`)
  const portal = (channel: string): string => portals.get(channel)!
  return {
    registrationFile,
    said,
    signs,
    say: async (nick, channel, body) => (await ghost(nick).sendText(portal(channel), body)).event_id,
    type: (nick, channel) => ghost(nick).sendTyping(portal(channel), true),
    read: (nick, channel, eventId) => ghost(nick).sendReadReceipt(portal(channel), eventId),
    leadTo: (url) => homeserver.leadTo(Number(new URL(url).port)),
    close: async () => {
      await bridge.close()
      await homeserver.close()
      await rm(directory, { recursive: true })
    },
  }
}
