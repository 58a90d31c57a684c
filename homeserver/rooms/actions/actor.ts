import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { AppService } from '../../appservices/registration/app-service.ts'

/** A local user who does something to a room. */
export interface Actor {
  readonly userNid: UserNid
  readonly userId: string
  /** Whether the account is a guest's, which only some rooms let in. */
  readonly guest?: boolean
  /** Whether the user administers this server. */
  readonly admin?: boolean
  /** Whether the account is suspended: of what others said it may redact nothing. */
  readonly suspended?: boolean
  /** Whether no rate limit holds. */
  readonly unlimited?: boolean
  /** The application service that acts for the user. */
  readonly appService?: AppService
}

/** A local user on one of their devices, or acted for by an application service; repeated requests happen once. */
export interface DeviceActor extends Actor {
  readonly deviceId: string | undefined
}
