import { fitsBytes } from './bounds.ts'

/** The most bytes of a device id that we accept. The specification names no bound; servers store 255 or more. */
export const MAX_DEVICE_ID_BYTES = 255

/** Whether a text can be a device id: opaque, not empty, no U+0000 and no half surrogate pair. */
export function isDeviceId(text: string): boolean {
  return text !== '' && fitsBytes(text, MAX_DEVICE_ID_BYTES) && !text.includes('\0') && text.isWellFormed()
}
