import {
  ClientEvent,
  createClient,
  EventStatus,
  EventTimeline,
  MatrixEvent,
  Method,
  MsgType,
  PendingEventOrdering,
  SyncState,
  type MatrixClient,
} from 'matrix-js-sdk'
import type { GeneratedSecretStorageKey } from 'matrix-js-sdk/lib/crypto-api/index.js'
import { RustBackupManager } from 'matrix-js-sdk/lib/rust-crypto/backup.js'
import { eventually } from '../../support/eventually.ts'
import { silenceModules, silent } from '../../support/js-sdk.ts'
import { TestClient } from '../../support/test-client.ts'
import { Line } from './line.ts'

const POLL_MS = 10_000
const PAGE = 50
/** Instead of the ten seconds over which many clients spread their uploads. */
const BACKUP_DELAY_MS = 100
const PASSWORD = 'correct horse battery'

/** A device with the library's own encryption, as Element Web runs it, with its keys in memory. */
export class EncryptedDevice {
  readonly client: MatrixClient
  readonly line: Line
  /** The key of the user's secret storage, as the user would type it in. */
  recoveryKey: GeneratedSecretStorageKey | undefined

  private constructor(account: TestClient) {
    silenceModules()
    Reflect.set(RustBackupManager, 'maxBackupLoopStartDelayMillis', BACKUP_DELAY_MS)
    this.line = new Line()
    this.client = createClient({
      baseUrl: account.url,
      accessToken: account.token!,
      userId: account.userId,
      deviceId: account.deviceId,
      logger: silent,
      fetchFn: this.line.fetch,
      cryptoCallbacks: {
        getSecretStorageKey: async ({ keys }) => {
          const keyId = Object.keys(keys)[0]
          return keyId === undefined || !this.recoveryKey ? null : [keyId, this.recoveryKey.privateKey]
        },
      },
    })
  }

  get userId(): string {
    return this.client.getSafeUserId()
  }

  get deviceId(): string {
    return this.client.getDeviceId()!
  }

  /** A new user's first device. */
  static async register(url: string, localpart: string): Promise<EncryptedDevice> {
    const account = new TestClient(url)
    await account.register(localpart)
    return EncryptedDevice.#start(account)
  }

  /** One more device of the same user, which knows nothing. */
  async another(): Promise<EncryptedDevice> {
    const account = new TestClient(this.client.baseUrl)
    const answer = await account.call('POST', '/login', {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: this.userId },
      password: PASSWORD,
    })
    account.userId = this.userId
    account.deviceId = String(answer['device_id'])
    account.token = String(answer['access_token'])
    return EncryptedDevice.#start(account)
  }

  static async #start(account: TestClient): Promise<EncryptedDevice> {
    const device = new EncryptedDevice(account)
    const { client } = device
    await client.initRustCrypto({ useIndexedDB: false })
    let prepared = false
    client.on(ClientEvent.Sync, (state) => {
      prepared ||= state === SyncState.Prepared
    })
    await client.startClient({
      disablePresence: true,
      pollTimeout: POLL_MS,
      pendingEventOrdering: PendingEventOrdering.Detached,
    })
    await eventually(`the first sync of ${device.userId}`, () => prepared)
    return device
  }

  get crypto() {
    return this.client.getCrypto()!
  }

  /** Makes the user's cross-signing keys and signs this device with them. */
  async setUpCrossSigning(): Promise<void> {
    await this.crypto.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: async (makeRequest) => void (await makeRequest(null)),
    })
  }

  /** Puts the cross-signing keys into secret storage and begins a backup of room keys. */
  async setUpRecovery(): Promise<void> {
    const key = await this.crypto.createRecoveryKeyFromPassphrase()
    this.recoveryKey = key
    await this.crypto.bootstrapSecretStorage({
      createSecretStorageKey: async () => key,
      setupNewKeyBackup: true,
    })
  }

  /** What a user does on a new device who has nothing but the recovery key. @returns how many room keys came back. */
  async recover(recoveryKey: GeneratedSecretStorageKey): Promise<number> {
    this.recoveryKey = recoveryKey
    await eventually(`the public keys of ${this.userId}`, () => this.crypto.userHasCrossSigningKeys())
    await this.crypto.bootstrapCrossSigning({})
    await this.crypto.loadSessionBackupPrivateKeyFromSecretStorage()
    const { imported } = await this.crypto.restoreKeyBackup()
    await this.crypto.checkKeyBackupAndEnable()
    return imported
  }

  /** Waits until the backup holds so many room keys. */
  async backedUp(count: number): Promise<void> {
    await eventually(`${count} room keys of ${this.userId} in the backup`, async () => {
      const { count: stored } = await this.client.http.authedRequest<{ count: number }>(
        Method.Get,
        '/room_keys/version',
      )
      return stored >= count
    })
  }

  /** Sends a text; what fails for want of a server is sent again, as a user does who is asked "Send again?". */
  async say(roomId: string, body: string): Promise<string> {
    const room = this.client.getRoom(roomId)!
    const send = async (): Promise<string> => {
      const pending = room.getPendingEvents().find((event) => event.getTxnId() === body)
      if (pending?.status === EventStatus.NOT_SENT)
        return (await this.client.resendEvent(pending, room)).event_id
      return (await this.client.sendMessage(roomId, { msgtype: MsgType.Text, body }, body)).event_id
    }
    let failure: unknown
    return eventually(
      () => `the acknowledgement of "${body}"; the last failure was ${String(failure)}`,
      () => send().catch((error: unknown) => void (failure = error)) as Promise<string | undefined>,
    )
  }

  /** The texts of a room that this device can read, in the order of its timeline. */
  texts(roomId: string): string[] {
    const events = this.client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? []
    return events.flatMap((event) => {
      if (!event.isEncrypted() || event.isDecryptionFailure() || event.status !== null) return []
      const body: unknown = event.getClearContent()?.['body']
      return typeof body === 'string' ? [body] : []
    })
  }

  /** Waits until all of these texts can be read here, scrolling up where the timeline has a gap. */
  async reads(roomId: string, bodies: readonly string[]): Promise<void> {
    const missing = (): string[] => {
      const texts = new Set(this.texts(roomId))
      return bodies.filter((body) => !texts.has(body))
    }
    await eventually(
      () => `at ${this.userId} on ${this.deviceId}: ${missing().join(', ')}`,
      async () => {
        if (missing().length === 0) return true
        await this.#scrollUp(roomId)
        return false
      },
    )
  }

  async #scrollUp(roomId: string): Promise<void> {
    const timeline = this.client.getRoom(roomId)?.getLiveTimeline()
    if (!timeline || timeline.getPaginationToken(EventTimeline.BACKWARDS) === null) return
    // A failure is tried again.
    await this.client.paginateEventTimeline(timeline, { backwards: true, limit: PAGE }).catch(() => false)
  }

  /** Whether this device can decrypt an event that somebody hands to it. */
  async canDecrypt(event: MatrixEvent): Promise<boolean> {
    const copy = new MatrixEvent(event.event)
    await this.client.decryptEventIfNeeded(copy)
    return !copy.isDecryptionFailure()
  }

  stop(): void {
    this.client.stopClient()
  }
}
