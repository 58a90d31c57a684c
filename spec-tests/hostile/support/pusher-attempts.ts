import { attempt, V3, type AttemptScene, type ColumnAttempt } from './column-attempt.ts'

const SOUND = {
  kind: 'http',
  app_id: 'org.example.app',
  pushkey: 'key',
  app_display_name: 'App',
  device_display_name: 'Phone',
  lang: 'en',
  data: { url: 'https://push.example.org/_matrix/push/v1/notify' },
}

/** Sets a pusher with a text in one place, and reads that place of all that are there. */
function setting(
  name: string,
  column: string,
  write: (text: string) => object,
  read: (pusher: Record<string, unknown>) => unknown,
): ColumnAttempt {
  return {
    name,
    columns: [column],
    run: ({ alice }: AttemptScene, text: string) =>
      attempt(alice, 'POST', `${V3}/pushers/set`, { ...SOUND, ...write(text) }, async () => {
        const { pushers } = (await alice.call('GET', '/pushers')) as { pushers: Record<string, unknown>[] }
        return pushers.map(read).find((found) => found === text) ?? pushers.map(read)
      }),
  }
}

/** What clients write about where they are to be notified. */
export const PUSHER_ATTEMPTS: readonly ColumnAttempt[] = [
  setting(
    'the app of a pusher',
    'pusher.app_id',
    (text) => ({ app_id: text }),
    (pusher) => pusher['app_id'],
  ),
  setting(
    'the key of a pusher',
    'pusher.pushkey',
    (text) => ({ pushkey: text }),
    (pusher) => pusher['pushkey'],
  ),
  setting(
    'what a pusher is called, and what its gateway is given',
    'pusher.about',
    (text) => ({ profile_tag: text, data: { ...SOUND.data, [text]: text } }),
    ({ profile_tag: tag, data }) => ((data as Record<string, unknown>)[String(tag)] === tag ? tag : data),
  ),
]
