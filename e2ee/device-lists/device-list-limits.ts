/** Devices of one user of another server that are kept; users have some dozen. */
export const MAX_REMOTE_DEVICES = 1_000
/** Of a device id; the specification names no bound, and clients choose ten characters. */
export const MAX_DEVICE_ID_LENGTH = 512
/** Of a device's name as another server tells it. */
export const MAX_DEVICE_NAME_LENGTH = 512
/** Numbers of changes that a message may say come before it; one is usual. */
export const MAX_PREVIOUS_CHANGES = 100
/** Users that one request to another server asks for. */
export const MAX_USERS_A_REQUEST = 500
