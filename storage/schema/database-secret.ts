/** Secrets that belong to the data, not to the configuration. */
export interface DatabaseSecretTable {
  name: string
  secret: Buffer
}
