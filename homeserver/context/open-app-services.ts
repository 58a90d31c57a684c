import type { Logger } from 'pino'
import { AppServiceStream } from '../appservices/app-service-stream.ts'
import type { AppServices } from '../appservices/app-services.ts'
import type { Presence } from '../presence/presence.ts'
import { presenceContent } from '../presence/presence-status.ts'
import type { Sync } from '../sync/sync.ts'

/** Starts to tell the application services what happens. After all that listens to commits before it. */
export async function openAppServices(
  appServices: AppServices,
  sync: Sync,
  presence: Presence,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<void> {
  const { services } = sync
  const stream = new AppServiceStream(services, appServices, (error, appservice) =>
    log.warn({ err: error, appservice }, 'an application service could not be told'),
  )
  closing.defer(() => stream.stop())
  appServices.listeners.push(stream)
  presence.onChange((users) => {
    for (const user of users) {
      const content = presenceContent(user, services.now())
      stream
        .tellPresence({ userId: user.userId, rooms: new Set(user.rooms), content })
        .catch((error: unknown) => log.warn({ err: error }, 'presence was not told to application services'))
    }
  })
  await stream.start()
}
