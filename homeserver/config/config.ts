import type { AppService } from '../appservices/registration/app-service.ts'
import type { CallsConfig } from './sections/calls.ts'
import type { CachesConfig, DatabaseConfig } from './sections/database.ts'
import type { DelayedEventsConfig } from './sections/delayed-events.ts'
import type { ThirdPartyIdsConfig } from './sections/email.ts'
import type { FederationConfig } from './sections/federation.ts'
import type { IdentityConfig } from './sections/identity.ts'
import type { ListenersConfig } from './sections/listeners.ts'
import type { MediaConfig } from './sections/media.ts'
import type { OAuthConfig } from './sections/oauth.ts'
import type { SsoConfig } from './sections/oidc.ts'
import type { PolicyServerConfig } from './sections/policy-server.ts'
import type { LiveSettings } from '../live/live-settings.ts'
import type { PresenceSettings } from '../presence/presence-settings.ts'
import type { OperationsConfig } from './sections/operations.ts'
import type { PushConfig } from './sections/push.ts'
import type { RateLimitsConfig } from './sections/rate-limits.ts'
import type { LoginConfig, RegistrationConfig } from './sections/registration.ts'
import type { RedisConfig } from './sections/redis.ts'
import type { RoomsConfig } from './sections/rooms.ts'
import type { SearchConfig, UserDirectoryConfig } from './sections/search.ts'
import type { ServerNoticesConfig } from './sections/server-notices.ts'
import type { UrlPreviewConfig } from './sections/url-previews.ts'
import type { SigningKeys } from './signing-keys.ts'

/** What nobody but this server may know; given in the configuration or generated into the data directory. */
export interface SecretsConfig {
  /** The first one signs. */
  readonly signingKeys: SigningKeys
  readonly signingKeyPath: string
  /** Who knows it may register accounts (`/_synapse/admin/v1/register`). */
  readonly registrationSharedSecret: string
  /** For MACs that only this server makes and checks. */
  readonly serverSecret: Uint8Array
}

/** The server's whole configuration, checked; paths are absolute, durations in ms, sizes in bytes. */
export interface Config {
  /** The file that it came from; undefined when there is none and everything is at its default. */
  readonly file: string | undefined
  readonly dataDir: string
  readonly serverName: string
  readonly secrets: SecretsConfig
  readonly identity: IdentityConfig
  readonly listeners: ListenersConfig
  readonly database: DatabaseConfig
  /** Undefined where one process does all the work. */
  readonly redis: RedisConfig | undefined
  readonly caches: CachesConfig
  readonly registration: RegistrationConfig
  readonly login: LoginConfig
  readonly oauth: OAuthConfig
  readonly sso: SsoConfig
  /** Of the files in `app_service_config_files`. */
  readonly appServices: readonly AppService[]
  readonly federation: FederationConfig
  /** Undefined where this server is no policy server. */
  readonly policyServer: PolicyServerConfig | undefined
  readonly rooms: RoomsConfig
  readonly delayedEvents: DelayedEventsConfig
  readonly search: SearchConfig
  readonly userDirectory: UserDirectoryConfig
  readonly presence: PresenceSettings
  readonly calls: CallsConfig
  readonly push: PushConfig
  readonly thirdPartyIds: ThirdPartyIdsConfig
  /** Not in the file: these bounds suit every server. */
  readonly live: LiveSettings
  /** Undefined where no notices are sent. */
  readonly serverNotices: ServerNoticesConfig | undefined
  readonly media: MediaConfig
  readonly urlPreviews: UrlPreviewConfig
  readonly rateLimits: RateLimitsConfig
  readonly operations: OperationsConfig
  /** One sentence for each of Synapse's keys in the file that mean nothing here, to be logged once at the start. */
  readonly notices: readonly string[]
}
