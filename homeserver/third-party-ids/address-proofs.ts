import { createHmac, timingSafeEqual } from 'node:crypto'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Queries } from '../../storage/database.ts'
import type { JobPayload } from '../../storage/jobs/job.ts'
import { scheduleJob } from '../../storage/jobs/schedule-job.ts'
import {
  beginProof,
  deleteProof,
  deleteProofsBefore,
  findProof,
  validateProof,
  type AddressProof,
  type ProofPurpose,
} from '../../storage/third-party-ids/address-proofs.ts'
import { newSessionId, secretHash } from '../accounts/bearer-secrets.ts'
import type { EmailConfig } from '../config/sections/email.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { Mailer } from '../mail/mailer.ts'
import { proofMail } from '../mail/proof-mail.ts'

const MAIL = 'mail.address-proof'
const PRUNE = 'upkeep.address-proofs'
const PRUNE_INTERVAL_MS = 3_600_000
/** A link that was opened proves its address for so long; the client is about to ask. */
const VALIDATED_LIFETIME_MS = 86_400_000
/** Nobody still waits for a mail when the mail server was down for longer than this takes. */
const MAIL_RETRY = { maxAttempts: 8, firstDelayMs: 2_000, maxDelayMs: 300_000 }
/** Mails on their way at the same time. */
const CONCURRENT_MAILS = 4

/** Where the link of a mail leads, below `public_baseurl`. */
export const SUBMIT_PATH = '_matrix/client/unstable/dev.meridian/email/submit_token'

/** What a client asks a mail for. */
export interface ProofWish {
  readonly purpose: ProofPurpose
  readonly address: string
  readonly clientSecret: string
  readonly sendAttempt: number
  readonly nextLink: string | null
}

/** A proof that is complete. */
export type ValidatedProof = AddressProof & { readonly validatedTs: number }

/** What proofs of addresses work with. */
export interface AddressProofsOptions {
  readonly queries: Queries
  readonly jobs: JobRunner
  readonly mailer: Mailer
  readonly email: EmailConfig
  readonly serverName: string
  /** With a slash at the end. */
  readonly publicBaseUrl: string
  readonly secret: Uint8Array
}

/**
 * Proofs that somebody reads the mail of an address: a link is sent there, and opening it proves it. The token of the
 * link is a MAC of the session, so that no row and no job holds it.
 */
export class AddressProofs {
  readonly #options: AddressProofsOptions

  /** Before the start of the jobs. */
  constructor(options: AddressProofsOptions) {
    this.#options = options
    const { jobs, queries } = options
    jobs.register({
      kind: MAIL,
      concurrency: CONCURRENT_MAILS,
      retry: MAIL_RETRY,
      read: readSession,
      handle: (sessionId) => this.#mail(sessionId),
    })
    jobs.register({
      kind: PRUNE,
      read: () => null,
      handle: () => deleteProofsBefore(queries, Date.now() - this.#lifetimeMs),
    })
    jobs.every(PRUNE, PRUNE_INTERVAL_MS)
  }

  /** Has a mail sent, unless that was done for this attempt already. Returns the session. */
  async request({ purpose, address, clientSecret, sendAttempt, nextLink }: ProofWish): Promise<string> {
    const { queries, jobs } = this.#options
    const sessionId = await queries.transaction().execute(async (transaction) => {
      const begun = await beginProof(transaction, {
        sessionId: newSessionId(),
        purpose,
        address,
        clientSecretHash: secretHash(clientSecret),
        sendAttempt,
        nextLink,
        createdTs: Date.now(),
      })
      if (begun.isNew) {
        const payload = { sessionId: begun.sessionId }
        await scheduleJob(transaction, { kind: MAIL, key: begun.sessionId, payload, runAt: Date.now() })
      }
      return begun.sessionId
    })
    jobs.wake()
    return sessionId
  }

  /**
   * Takes the token of a mail.
   *
   * @param clientSecret undefined where the link of the mail was opened, which does not hold it.
   * @returns where the client wants the browser to go next.
   * @throws MatrixError 400 M_TOKEN_INCORRECT, M_SESSION_EXPIRED (MSC4183).
   */
  async submit(sessionId: string, clientSecret: string | undefined, token: string): Promise<string | null> {
    const proof = await this.#find(sessionId, clientSecret)
    if (!proof || !equalTexts(token, this.#tokenOf(sessionId))) {
      throw new MatrixError(400, 'M_TOKEN_INCORRECT', 'This link or code is not the one that was sent')
    }
    if (proof.createdTs < Date.now() - this.#options.email.tokenLifetimeMs) {
      throw new MatrixError(400, 'M_SESSION_EXPIRED', 'This link is too old; ask for a new mail')
    }
    await validateProof(this.#options.queries, sessionId, Date.now())
    return proof.nextLink
  }

  /** A proof that is complete; undefined while the link was not opened, or for another client or purpose. */
  async validated(
    sessionId: string,
    clientSecret: string,
    purpose: ProofPurpose,
  ): Promise<ValidatedProof | undefined> {
    const proof = await this.#find(sessionId, clientSecret)
    if (proof?.purpose !== purpose) return undefined
    const { validatedTs } = proof
    if (validatedTs === null || validatedTs < Date.now() - VALIDATED_LIFETIME_MS) return undefined
    return { ...proof, validatedTs }
  }

  /** Uses a proof up. Returns it, where it is there still and complete: of two callers one gets it. */
  async spend(sessionId: string): Promise<ValidatedProof | undefined> {
    const { queries } = this.#options
    const proof = await findProof(queries, sessionId)
    if (!proof || proof.validatedTs === null || !(await deleteProof(queries, sessionId))) return undefined
    return { ...proof, validatedTs: proof.validatedTs }
  }

  /** The token of a session, as the mail holds it. */
  #tokenOf(sessionId: string): string {
    return createHmac('sha256', this.#options.secret).update(`address proof ${sessionId}`).digest('base64url')
  }

  async #find(sessionId: string, clientSecret: string | undefined): Promise<AddressProof | undefined> {
    if (sessionId.includes('\0')) return undefined
    const proof = await findProof(this.#options.queries, sessionId)
    if (!proof || clientSecret === undefined) return proof
    return timingSafeEqual(proof.clientSecretHash, secretHash(clientSecret)) ? proof : undefined
  }

  async #mail(sessionId: string): Promise<void> {
    const { queries, mailer, email, serverName, publicBaseUrl } = this.#options
    const proof = await findProof(queries, sessionId)
    if (!proof || proof.validatedTs !== null) return
    const link = new URL(SUBMIT_PATH, publicBaseUrl)
    link.search = new URLSearchParams({ token: this.#tokenOf(sessionId), sid: sessionId }).toString()
    const { address: to, purpose } = proof
    await mailer.send(proofMail(email, { to, purpose, serverName, link: link.href }))
  }

  get #lifetimeMs(): number {
    return Math.max(this.#options.email.tokenLifetimeMs, VALIDATED_LIFETIME_MS)
  }
}

function equalTexts(a: string, b: string): boolean {
  return timingSafeEqual(secretHash(a), secretHash(b))
}

function readSession(payload: JobPayload): string {
  if (typeof payload !== 'object' || payload === null || !('sessionId' in payload)) {
    throw new TypeError('no proof of an address')
  }
  return String(payload.sessionId)
}
