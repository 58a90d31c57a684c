import type { Logger } from 'pino'
import type { Federation } from '../../federation/client/create-federation.ts'
import {
  completeJoinJob,
  followPartialJoins,
} from '../../federation/remote-rooms/complete-join/complete-join-job.ts'
import type { CompletionContext } from '../../federation/remote-rooms/complete-join/completion-context.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { LocalRoomWriter } from '../rooms/room-writer.ts'

/** What completing joins is wired to. */
export interface JoinsWiring {
  readonly services: RoomServices
  readonly writer: LocalRoomWriter
  readonly federation: Pick<Federation, 'client' | 'keyRing' | 'threads'>
  /** Not started yet. */
  readonly jobs: JobRunner
  readonly log: Logger
  readonly closing: AsyncDisposableStack
  readonly onMembersKnown: CompletionContext['onMembersKnown']
}

/**
 * Has partially joined rooms made whole.
 *
 * @returns takes up what the last run left, and follows what comes. Before the start of the jobs.
 */
export function openJoins({
  services,
  writer,
  federation,
  jobs,
  log,
  closing,
  onMembersKnown,
}: JoinsWiring): () => Promise<void> {
  const { client, keyRing, threads } = federation
  const { events, signer, now } = services
  const context = { services, writer, client, keyRing, threads, events, signer, now, log, onMembersKnown }
  // Before the connections are closed, which wait for the requests that are under way.
  closing.defer(() => jobs.stop())
  jobs.register(completeJoinJob(context))
  return () => followPartialJoins(context, jobs)
}
