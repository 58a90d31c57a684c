/** Servers that could not be reached of late; one that answers has no row. Milliseconds throughout. */
export interface FederationDestinationTable {
  server_name: string
  failing_since: number
  retry_last: number
  /** No request goes out until `retry_last + retry_interval`. */
  retry_interval: number
}
