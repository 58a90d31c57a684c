/** Where users see and end their devices in a browser. */
export const ACCOUNT_PAGE_PATH = '/_matrix/client/meridian/account'
