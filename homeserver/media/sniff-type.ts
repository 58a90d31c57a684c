import { fileTypeFromBuffer } from 'file-type'

/**
 * What a file is by its first bytes.
 *
 * @param head some kilobytes from its beginning.
 * @returns a MIME type; undefined for text, for encrypted files and for everything else that has no signature.
 */
export async function sniffType(head: Buffer): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return found?.mime
}
