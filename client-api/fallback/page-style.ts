/** How all pages look: one column that fits a phone, in the reader's light or dark colours. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #c9ced6; --main: #0b5fc2;
  --link: #0b5fc2; --error: #b3261e; --back: #f3f5f8; --sheet: #fff }
@media (prefers-color-scheme: dark) {
  :root { --line: #4a515c; --link: #8ab8f5; --error: #ff9d94; --back: #14171b; --sheet: #1d2127 }
}
body { margin: 0; padding: 1rem; background: var(--back); overflow-wrap: anywhere }
main { box-sizing: border-box; max-width: 28rem; margin: 4vh auto; padding: 1.5rem; background: var(--sheet);
  border: 1px solid var(--line); border-radius: .75rem }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25 }
main > :last-child, main > form:last-child > :last-child { margin-bottom: 0 }
a { color: var(--link) }
form { margin: 1rem 0 }
label { display: block; margin: .75rem 0 }
input:not([type=checkbox]) { display: block; width: 100%; box-sizing: border-box; margin-top: .25rem;
  padding: .55rem; font: inherit; border: 1px solid var(--line); border-radius: .4rem }
button, .button { display: block; width: 100%; box-sizing: border-box; margin: .75rem 0; padding: .6rem;
  font: inherit; text-align: center; text-decoration: none; border: 1px solid var(--line);
  border-radius: .4rem; background: none; color: inherit; cursor: pointer }
button.main { background: var(--main); border-color: var(--main); color: #fff }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
[role=alert]:not(:empty) { padding-left: .75rem; border-left: .25rem solid var(--error); color: var(--error) }
ul { padding-left: 1.25rem }
li { margin: .4rem 0 }
dt { font-size: .875rem; opacity: .75 }
dd { margin: 0 0 .5rem }
.code { font: 1.2rem/1.5 monospace; text-transform: uppercase }
`
