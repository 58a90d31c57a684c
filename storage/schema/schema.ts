import type { DelayedEventTable } from './delayed-event.ts'
import type { ReportTable } from './report.ts'
import type { ServerNoticeRoomTable } from './server-notice-room.ts'
import type { ServerTable } from './server.ts'
import type { UrlPreviewTable } from './url-preview.ts'
import type { LooseBlobTable, MediaTable, MediaThumbnailTable } from './media.ts'
import type { MatrixUserTable } from './matrix-user.ts'
import type { RoomTable } from './room.ts'
import type { EventTypeTable } from './event-type.ts'
import type { StateKeyTable } from './state-key.ts'
import type { StreamCommitTable } from './stream-commit.ts'
import type { StreamWriterTable } from './stream-writer.ts'
import type { RoomLeaseTable } from './room-lease.ts'
import type { ClientTransactionTable } from './client-transaction.ts'
import type { EventTable } from './event.ts'
import type { ForwardExtremityTable } from './forward-extremity.ts'
import type { BackwardExtremityTable } from './backward-extremity.ts'
import type { EventRelationTable } from './event-relation.ts'
import type { ThreadSenderTable } from './thread-sender.ts'
import type { ThreadSubscriptionTable } from './thread-subscription.ts'
import type { PartialJoinTable } from './partial-join.ts'
import type { PartialJoinTryTable } from './partial-join-try.ts'
import type { PendingRedactionTable } from './pending-redaction.ts'
import type { DatabaseSecretTable } from './database-secret.ts'
import type { StateCollectionTable } from './state-collection.ts'
import type { StateNodeTable } from './state-node.ts'
import type { StateResolutionTable } from './state-resolution.ts'
import type { CurrentStateTable } from './current-state.ts'
import type { CurrentStateDeltaTable } from './current-state-delta.ts'
import type { MembershipTable } from './membership.ts'
import type { RoomAliasTable } from './room-alias.ts'
import type { ReceiptTable } from './receipt.ts'
import type { IdentityBindingTable } from './identity-binding.ts'
import type { MailPauseTable } from './mail-pause.ts'
import type { PusherTable } from './pusher.ts'
import type { AddressProofTable } from './address-proof.ts'
import type { ThirdPartyIdTable } from './third-party-id.ts'
import type { ReadPositionTable } from './read-position.ts'
import type { PersonalOutcomeTable } from './personal-outcome.ts'
import type { RecalledMessageTable } from './recalled-message.ts'
import type { ThreadMessageTable } from './thread-message.ts'
import type { RoomHighlightTable } from './room-highlight.ts'
import type { NetworkRoomTable } from './network-room.ts'
import type { AppserviceTransactionTable } from './appservice-transaction.ts'
import type { AccountTable } from './account.ts'
import type { DeviceTable } from './device.ts'
import type { AccessTokenTable } from './access-token.ts'
import type { RefreshTokenTable } from './refresh-token.ts'
import type { RegistrationTokenTable } from './registration-token.ts'
import type { LoginTokenTable } from './login-token.ts'
import type { UiaSessionTable } from './uia-session.ts'
import type { ProfileFieldTable } from './profile-field.ts'
import type { FilterTable } from './filter.ts'
import type { AccountDataTable } from './account-data.ts'
import type { ServerKeyTable } from './server-key.ts'
import type { FederationDestinationTable } from './federation-destination.ts'
import type { JobTable } from './job.ts'
import type { OutboundCursorTable } from './outbound-cursor.ts'
import type { DestinationBacklogTable } from './destination-backlog.ts'
import type { InboundTransactionTable } from './inbound-transaction.ts'
import type { FailedPullTable } from './failed-pull.ts'
import type { InboundPduTable } from './inbound-pdu.ts'
import type { EventToRelayTable } from './event-to-relay.ts'
import type { PublishedRoomTable } from './published-room.ts'
import type { OpenIdTokenTable } from './openid-token.ts'
import type { OAuthClientTable } from './oauth-client.ts'
import type { OAuthSessionTable } from './oauth-session.ts'
import type { OAuthCodeTable } from './oauth-code.ts'
import type { OAuthDeviceCodeTable } from './oauth-device-code.ts'
import type { OAuthSpentTokenTable } from './oauth-spent-token.ts'
import type { BrowserSessionTable } from './browser-session.ts'
import type { CrossSigningResetTable } from './cross-signing-reset.ts'
import type { SsoLinkTable } from './sso-link.ts'
import type { SsoStepTable } from './sso-step.ts'
import type { SlidingSyncConnectionTable } from './sliding-sync-connection.ts'
import type { SlidingSyncRoomTable } from './sliding-sync-room.ts'
import type { EventSearchTable } from './event-search.ts'
import type { StreamCursorTable } from './stream-cursor.ts'
import type { DirectoryUserTable } from './directory-user.ts'
import type { OpenRoomTable } from './open-room.ts'
import type { DeviceKeyTable } from './device-key.ts'
import type { OneTimeKeyTable } from './one-time-key.ts'
import type { FallbackKeyTable } from './fallback-key.ts'
import type { CrossSigningKeyTable } from './cross-signing-key.ts'
import type { KeySignatureTable } from './key-signature.ts'
import type { DeviceListChangeTable } from './device-list-change.ts'
import type { DeviceListDestinationTable } from './device-list-destination.ts'
import type { RemoteDeviceListTable, RemoteDeviceTable } from './remote-device-list.ts'
import type { DehydratedDeviceTable } from './dehydrated-device.ts'
import type { BackedUpKeyTable, KeyBackupTable } from './key-backup.ts'
import type {
  ToDeviceMessageTable,
  ToDeviceOutboxTable,
  ToDevicePageTable,
  ToDeviceRequestTable,
} from './to-device-message.ts'

/** Every table by its name, for kysely. */
export interface Schema {
  server: ServerTable
  matrix_user: MatrixUserTable
  room: RoomTable
  event_type: EventTypeTable
  state_key: StateKeyTable
  stream_commit: StreamCommitTable
  stream_writer: StreamWriterTable
  room_lease: RoomLeaseTable
  client_transaction: ClientTransactionTable
  event: EventTable
  forward_extremity: ForwardExtremityTable
  backward_extremity: BackwardExtremityTable
  event_relation: EventRelationTable
  thread_sender: ThreadSenderTable
  thread_subscription: ThreadSubscriptionTable
  partial_join: PartialJoinTable
  partial_join_try: PartialJoinTryTable
  pending_redaction: PendingRedactionTable
  database_secret: DatabaseSecretTable
  state_node: StateNodeTable
  state_resolution: StateResolutionTable
  state_collection: StateCollectionTable
  current_state: CurrentStateTable
  current_state_delta: CurrentStateDeltaTable
  membership: MembershipTable
  room_alias: RoomAliasTable
  receipt: ReceiptTable
  read_position: ReadPositionTable
  pusher: PusherTable
  third_party_id: ThirdPartyIdTable
  mail_pause: MailPauseTable
  identity_binding: IdentityBindingTable
  address_proof: AddressProofTable
  personal_outcome: PersonalOutcomeTable
  thread_message: ThreadMessageTable
  recalled_message: RecalledMessageTable
  room_highlight: RoomHighlightTable
  account: AccountTable
  network_room: NetworkRoomTable
  appservice_transaction: AppserviceTransactionTable
  device: DeviceTable
  access_token: AccessTokenTable
  refresh_token: RefreshTokenTable
  registration_token: RegistrationTokenTable
  openid_token: OpenIdTokenTable
  login_token: LoginTokenTable
  uia_session: UiaSessionTable
  profile_field: ProfileFieldTable
  filter: FilterTable
  account_data: AccountDataTable
  server_key: ServerKeyTable
  federation_destination: FederationDestinationTable
  job: JobTable
  outbound_cursor: OutboundCursorTable
  destination_backlog: DestinationBacklogTable
  inbound_transaction: InboundTransactionTable
  failed_pull: FailedPullTable
  inbound_pdu: InboundPduTable
  event_to_relay: EventToRelayTable
  published_room: PublishedRoomTable
  report: ReportTable
  delayed_event: DelayedEventTable
  server_notice_room: ServerNoticeRoomTable
  oauth_client: OAuthClientTable
  oauth_session: OAuthSessionTable
  oauth_code: OAuthCodeTable
  oauth_device_code: OAuthDeviceCodeTable
  oauth_spent_token: OAuthSpentTokenTable
  browser_session: BrowserSessionTable
  cross_signing_reset: CrossSigningResetTable
  sso_link: SsoLinkTable
  sso_step: SsoStepTable
  sliding_sync_connection: SlidingSyncConnectionTable
  sliding_sync_room: SlidingSyncRoomTable
  event_search: EventSearchTable
  stream_cursor: StreamCursorTable
  directory_user: DirectoryUserTable
  open_room: OpenRoomTable
  device_key: DeviceKeyTable
  one_time_key: OneTimeKeyTable
  fallback_key: FallbackKeyTable
  cross_signing_key: CrossSigningKeyTable
  key_signature: KeySignatureTable
  device_list_change: DeviceListChangeTable
  device_list_destination: DeviceListDestinationTable
  remote_device_list: RemoteDeviceListTable
  remote_device: RemoteDeviceTable
  dehydrated_device: DehydratedDeviceTable
  key_backup: KeyBackupTable
  backed_up_key: BackedUpKeyTable
  to_device_message: ToDeviceMessageTable
  to_device_page: ToDevicePageTable
  to_device_request: ToDeviceRequestTable
  to_device_outbox: ToDeviceOutboxTable
  media: MediaTable
  media_thumbnail: MediaThumbnailTable
  loose_blob: LooseBlobTable
  url_preview: UrlPreviewTable
}
