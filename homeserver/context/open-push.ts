import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Config } from '../config/config.ts'
import { addressRules } from '../outgoing/addresses/address-rules.ts'
import { systemResolver } from '../outgoing/addresses/system-resolver.ts'
import { guardedAgent } from '../outgoing/guarded-agent.ts'
import { CONNECTIONS_PER_GATEWAY } from '../push/delivery/gateway-lane.ts'
import { PushDelivery } from '../push/delivery/push-delivery.ts'
import type { MailNotices } from '../push/mail/mail-notices.ts'
import { mailPusher } from '../push/mail/mail-pusher.ts'
import { Pushers } from '../push/pushers/pushers.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** Pushers, and what tells their gateways; that is started by `start`, once everything else is there. */
export interface OpenPush {
  readonly pushers: Pushers
  start(): Promise<void>
}

/** Builds it. */
export function openPush(
  config: Config,
  services: SyncServices,
  accounts: Pick<Accounts, 'listeners'>,
  mailNotices: MailNotices | undefined,
  log: Logger,
  closing: AsyncDisposableStack,
): OpenPush {
  const pushers = new Pushers(services.queries, () => services.committer.head)
  accounts.listeners.push({
    devicesDeleted: ({ userNid }) => pushers.changed(userNid),
    accountDeactivated: ({ userNid }) => pushers.changed(userNid),
    addressRemoved: ({ userNid }) => pushers.changed(userNid),
    ...(config.thirdPartyIds.email?.notices?.forNewUsers && {
      addressRegistered: ({ userNid }, address) => pushers.put(mailPusher(userNid, address, {})),
    }),
  })
  if (!config.push.enabled) return { pushers, start: async () => undefined }
  const { ipRangeBlacklist, ipRangeWhitelist } = config.federation
  const delivery = new PushDelivery({
    services,
    pushers,
    config: config.push,
    agent: guardedAgent({
      resolver: systemResolver(),
      rules: addressRules(ipRangeBlacklist, ipRangeWhitelist),
      connectionsPerOrigin: CONNECTIONS_PER_GATEWAY,
    }),
    onError: (error) => log.error({ err: error }, 'notifications were held up'),
  })
  closing.defer(() => delivery.stop())
  if (mailNotices) {
    pushers.onChange((userNid) => mailNotices.pushersChanged(userNid))
    closing.defer(() => mailNotices.stop())
  }
  return {
    pushers,
    start: async () => {
      await delivery.start()
      await mailNotices?.start()
    },
  }
}
