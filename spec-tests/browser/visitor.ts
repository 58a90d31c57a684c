import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'

/** The narrowest phones. */
const PHONE = { width: 360, height: 640 }
/** A visitor who waits longer than this for a page has met a fault. */
const PATIENCE_MS = 15_000
/** A folder for pictures of every page that is looked at, for whoever changes how they look. */
const PICTURES = process.env['BROWSER_PICTURES']

/** Somebody with a phone, cookies of their own and an eye on everything that the browser complains of. */
export class Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser has complained of: errors on the console, scripts that threw, what a policy has blocked. */
  readonly complaints: string[] = []

  private constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    context.on('page', (opened) => this.#watch(opened))
    this.#watch(page)
  }

  /** A new one. @param options such as `javaScriptEnabled`. */
  static async arrive(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: PHONE, ...options })
    context.setDefaultTimeout(PATIENCE_MS)
    return new Visitor(context, await context.newPage())
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      const { url } = message.location()
      // Chromium notes every answer of 400 and above; that pages for errors have such a status is right.
      const isStatus = message
        .text()
        .startsWith('Failed to load resource: the server responded with a status')
      if (message.type() === 'error' && !isStatus) this.complaints.push(`${message.text()} (${url})`)
    })
  }

  /**
   * Looks at the page as it stands: it has this heading, fits a phone without scrolling sideways, every field says
   * what it is for, and nothing was complained of on the way here.
   */
  async sees(heading: string, page = this.page): Promise<void> {
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    if (PICTURES !== undefined) {
      const name = `${heading.replaceAll(/\W+/g, '-')}-${Date.now()}.png`
      await page.screenshot({ path: join(PICTURES, name), fullPage: true })
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      PHONE.width,
    )
    expect(await page.evaluate<string[]>(UNNAMED_FIELDS)).toEqual([])
    expect(this.complaints).toEqual([])
  }

  /** What the keyboard writes to now: the label of a field, or the text of a button. */
  focus(): Promise<string> {
    return this.page.evaluate<string>(
      '(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()',
    )
  }

  /** Writes with the keyboard alone, where the focus is once the page has set it: one text a field, then Enter. */
  async types(...texts: readonly string[]): Promise<void> {
    const isInField = () => this.page.evaluate<boolean>('document.activeElement instanceof HTMLInputElement')
    await eventually('the focus on a field', isInField)
    for (const [index, text] of texts.entries()) {
      if (index > 0) await this.page.keyboard.press('Tab')
      await this.page.keyboard.type(text)
    }
    await this.page.keyboard.press('Enter')
  }

  async presses(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).click()
  }

  async follows(link: string): Promise<void> {
    await this.page.getByRole('link', { name: link, exact: true }).click()
  }

  leave(): Promise<void> {
    return this.context.close()
  }
}

/** Names of fields without a label, as an expression within the page. */
const UNNAMED_FIELDS = `[...document.querySelectorAll('input:not([type=hidden])')]
  .filter((field) => !field.labels?.[0]?.textContent.trim()).map((field) => field.name)`
