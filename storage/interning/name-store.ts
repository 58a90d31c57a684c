/** A name with its number. */
export interface NameRow<Nid extends number> {
  readonly nid: Nid
  readonly name: string
}

/** One table of numbered names. Every statement commits by itself. */
export interface NameStore<Nid extends number> {
  /** Whether the column can hold the name. No row exists for one that it cannot. */
  isNameable(name: string): boolean
  /** The rows of those of `names` that exist. */
  find(names: readonly string[]): Promise<readonly NameRow<Nid>[]>
  /** Creates those of `names` that do not exist and returns the rows that this very call created. */
  create(names: readonly string[]): Promise<readonly NameRow<Nid>[]>
  /** The rows of those of `nids` that exist. */
  load(nids: readonly Nid[]): Promise<readonly NameRow<Nid>[]>
}
