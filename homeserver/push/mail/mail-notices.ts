import { profileField } from '../../../storage/accounts/profile-reader.ts'
import type { JobPayload } from '../../../storage/jobs/job.ts'
import { scheduleJobs } from '../../../storage/jobs/schedule-job.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import { STREAM_START } from '../../../storage/position/position.ts'
import { deleteMailPauses, mailPausesOf, noteMail } from '../../../storage/pushers/mail-pauses.ts'
import type { MailDue } from '../../../storage/pushers/mails-due.ts'
import type { PusherWithProgress } from '../../../storage/pushers/pusher.ts'
import { pusherByNid } from '../../../storage/pushers/pusher-reader.ts'
import { ownerOf } from '../../../storage/third-party-ids/third-party-ids.ts'
import type { EmailConfig, MailNoticesConfig } from '../../config/sections/email.ts'
import type { JobRunner } from '../../jobs/job-runner.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { Notice } from '../delivery/notice.ts'
import { readMissed } from '../delivery/read-missed.ts'
import { MailFollower } from './mail-follower.ts'
import { mailReadyTs, pauseAfterMail, QUIET_MS, type UnreadTimes } from './mail-pace.ts'
import { noticeMail } from './notice-mail.ts'
import { oneLine, unreadRooms } from './unread-rooms.ts'
import { unsubscribeLink } from './unsubscribe-links.ts'

const MAIL = 'push.mail'
const PRUNE = 'upkeep.mail-pauses'
const PRUNE_INTERVAL_MS = 3_600_000
/** Mails on their way at the same time. */
const CONCURRENT_MAILS = 4

/** What mails about messages are made of. */
export interface MailNoticesOptions {
  readonly services: SyncServices
  readonly jobs: JobRunner
  readonly mailer: Mailer
  readonly email: EmailConfig
  readonly notices: MailNoticesConfig
  readonly serverName: string
  /** With a slash at the end. */
  readonly publicBaseUrl: string
  /** Signs the links by which readers end such mail. */
  readonly secret: Uint8Array
  readonly onError: (error: unknown) => void
}

/**
 * Mails users about what they have not read: pushers of the kind `email`, as Synapse has them. Who is to get a mail is a
 * job; what the mail says is read when it is made, so that a mail server that is away delays mails and makes none stale.
 */
export class MailNotices {
  readonly #options: MailNoticesOptions
  readonly #follower: MailFollower

  /** Before the start of the jobs. */
  constructor(options: MailNoticesOptions) {
    const { services, jobs, notices, onError } = options
    const { queries, now } = services
    this.#options = options
    this.#follower = new MailFollower({
      services,
      delayMs: notices.delayMs,
      schedule: (transaction, due) => scheduleJobs(transaction, due.map(jobOf), 'sooner'),
      scheduled: () => jobs.wake(),
      onError,
    })
    jobs.register({
      kind: MAIL,
      concurrency: CONCURRENT_MAILS,
      read: readPusherNid,
      handle: (pusherNid) => this.#mail(pusherNid),
    })
    jobs.register({
      kind: PRUNE,
      read: () => null,
      handle: () => deleteMailPauses(queries, now() - QUIET_MS),
    })
    jobs.every(PRUNE, PRUNE_INTERVAL_MS)
  }

  start(): Promise<void> {
    return this.#follower.start()
  }

  stop(): Promise<void> {
    return this.#follower.stop()
  }

  /** A user's pushers have changed. */
  pushersChanged(userNid: UserNid): Promise<void> {
    return this.#follower.reload(userNid)
  }

  /** Mails everything that a pusher has not told and its user has not read, once one room of it may speak. */
  async #mail(pusherNid: number): Promise<void> {
    const { services, notices: config } = this.#options
    const { queries, committer } = services
    const pusher = await pusherByNid(queries, pusherNid)
    if (!pusher?.enabled || pusher.kind !== 'email') return
    if ((await ownerOf(queries, pusher.pushkey)) !== pusher.userNid) return
    const until = committer.head
    const unread = await readMissed(services, pusher, pusher.toldUntil ?? STREAM_START, until)
    if (unread.length === 0) return noteMail(queries, pusherNid, until, new Map())
    const pauses = await mailPausesOf(queries, pusherNid)
    const times = timesByRoom(unread, config.delayMs)
    const ready = [...times].map(([roomNid, of]) => mailReadyTs(of, pauses.get(roomNid), config.delayMs))
    const now = services.now()
    const dueTs = Math.min(...ready)
    if (dueTs > now) return scheduleJobs(queries, [jobOf({ pusherNid, dueTs })])
    await this.#send(pusher, unread)
    const after = [...times].map(
      ([roomNid, of]) => [roomNid, pauseAfterMail(of, pauses.get(roomNid), now)] as const,
    )
    await noteMail(queries, pusherNid, until, new Map(after))
  }

  async #send(pusher: PusherWithProgress, unread: readonly Notice[]): Promise<void> {
    const { services, mailer, email, notices, serverName, publicBaseUrl, secret } = this.#options
    const { userId, userNid, pushkey, about } = pusher
    const name = await profileField(services.queries, userNid, 'displayname')
    const brand = about.data['brand']
    const mail = noticeMail(email, notices, {
      to: pushkey,
      reader: oneLine(name === undefined ? undefined : String(JSON.parse(name))) ?? userId,
      // Clients put their own name there, which is where the link of the mail leads people back to.
      appName: oneLine(typeof brand === 'string' ? brand : undefined) ?? email.appName,
      serverName,
      unsubscribeUrl: unsubscribeLink(secret, publicBaseUrl, pusher).href,
      news: await unreadRooms(services, unread),
    })
    await mailer.send(mail)
  }
}

function timesByRoom(unread: readonly Notice[], delayMs: number): ReadonlyMap<RoomNid, UnreadTimes> {
  const byRoom = Map.groupBy(unread, ({ event }) => event.roomNid)
  return new Map(
    [...byRoom].map(([roomNid, notices]) => {
      // When an invite to a room elsewhere came is not stored; its job has waited for the delay.
      const times = notices.map(
        ({ event }) => event.receivedTs - (event.eventNid === undefined ? delayMs : 0),
      )
      return [roomNid, { oldestTs: Math.min(...times), newestTs: Math.max(...times) }]
    }),
  )
}

function jobOf({ pusherNid, dueTs }: MailDue) {
  return { kind: MAIL, key: String(pusherNid), payload: { pusherNid }, runAt: dueTs }
}

function readPusherNid(payload: JobPayload): number {
  if (typeof payload !== 'object' || payload === null || !('pusherNid' in payload)) {
    throw new TypeError('no mail about messages')
  }
  return Number(payload.pusherNid)
}
