import { deviceListOperations, type DeviceListOperations } from './operations/device-lists.ts'
import { directoryOperations, type DirectoryOperations } from './operations/directory.ts'
import { eventOperations, type EventOperations } from './operations/events.ts'
import { historyOperations, type HistoryOperations } from './operations/history.ts'
import { inviteOperations, type InviteOperations } from './operations/invites.ts'
import { joinOperations, type JoinOperations } from './operations/joins.ts'
import { keyOperations, type KeyOperations } from './operations/keys.ts'
import { knockOperations, type KnockOperations } from './operations/knocks.ts'
import { leaveOperations, type LeaveOperations } from './operations/leaves.ts'
import { policyOperations, type PolicyOperations } from './operations/policy.ts'
import { queryOperations, type QueryOperations } from './operations/queries.ts'
import {
  thirdPartyInviteOperations,
  type ThirdPartyInviteOperations,
} from './operations/third-party-invites.ts'
import { transactionOperations, type TransactionOperations } from './operations/transactions.ts'
import type { FederationTransport } from './transport/federation-transport.ts'

/**
 * What can be asked of other servers. Every operation bounds its answer and checks its shape; signatures, hashes
 * and meaning are the caller's to check. All reject with `FederationRequestError`.
 */
export interface FederationClient
  extends
    DeviceListOperations,
    DirectoryOperations,
    EventOperations,
    HistoryOperations,
    InviteOperations,
    JoinOperations,
    KeyOperations,
    KnockOperations,
    LeaveOperations,
    PolicyOperations,
    QueryOperations,
    ThirdPartyInviteOperations,
    TransactionOperations {}

export function federationClient(transport: FederationTransport): FederationClient {
  return {
    ...deviceListOperations(transport),
    ...directoryOperations(transport),
    ...eventOperations(transport),
    ...historyOperations(transport),
    ...inviteOperations(transport),
    ...joinOperations(transport),
    ...keyOperations(transport),
    ...knockOperations(transport),
    ...leaveOperations(transport),
    ...policyOperations(transport),
    ...queryOperations(transport),
    ...thirdPartyInviteOperations(transport),
    ...transactionOperations(transport),
  }
}
