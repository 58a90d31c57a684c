import type { JsonObject } from '../../../protocol/json/value.ts'
import type { VerifiedOrigin } from '../authenticate.ts'

/**
 * Takes in one ephemeral message of a server. It checks that what the content says is the server's to say, and
 * leaves out what is not: the sender is told of nothing. A throw is a failure of ours, which is logged.
 */
export type EduHandler = (origin: VerifiedOrigin, content: JsonObject) => Promise<void>

/** Handlers by `edu_type`. Types without one are ignored. */
export type EduHandlers = ReadonlyMap<string, EduHandler>
