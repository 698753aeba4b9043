// A button that opens a menu, as Insightly's Profile icon and the three dots of a user do. The browser's own popover
// closes it by Escape and by a click elsewhere, and gives the focus back.

import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { html } from './html.js'
import { Icon } from './icons.js'

/** @typedef {{ label: string, icon: string, href?: string, run?: () => unknown }} Item a link, or something to do */

/** @param {{ label: string, icon: string, items: Item[] }} props */
export function Menu({ label, icon, items }) {
  const id = useId()
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null))
  const menu = useRef(/** @type {HTMLElement | null} */ (null))
  const [isOpen, setOpen] = useState(false)
  const close = () => menu.current?.hidePopover()
  useEffect(() => {
    if (!isOpen) return
    // Where the list is scrolled, the menu would stay behind.
    addEventListener('scroll', close, true)
    return () => removeEventListener('scroll', close, true)
  }, [isOpen])

  /** @param {ToggleEvent} event */
  const place = event => {
    if (event.newState !== 'open') return
    setOpen(true)
    if (!menu.current || !button.current) return
    const { top, bottom, right } = button.current.getBoundingClientRect()
    const room = 60 + 40 * items.length
    const isBelow = bottom + room < innerHeight || top < room
    menu.current.style.right = `${innerWidth - right}px`
    menu.current.style.top = isBelow ? `${bottom + 4}px` : 'auto'
    menu.current.style.bottom = isBelow ? 'auto' : `${innerHeight - top + 4}px`
  }
  // Not before it is closed: the browser gives the focus back only if it is still inside.
  /** @param {ToggleEvent} event */
  const toggled = event => {
    setOpen(event.newState === 'open')
    if (event.newState === 'open') toItems()[0]?.focus()
  }
  const toItems = () => [.../** @type {NodeListOf<HTMLElement>} */ (menu.current?.querySelectorAll('[role]') ?? [])]
  /** @param {KeyboardEvent} event */
  const walk = event => {
    const all = toItems()
    const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    const next = { ArrowDown: here + 1, ArrowUp: here - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Tab') close()
    if (next === undefined) return
    event.preventDefault()
    all[next % all.length]?.focus()
  }
  /** @param {Item} item */
  const toProps = ({ run }) => ({
    role: 'menuitem',
    tabindex: -1,
    onClick: () => {
      close()
      run?.()
    },
  })
  return html`
    <button ref=${button} type="button" class="button plain" aria-label=${label} title=${label} aria-haspopup="menu" popovertarget=${id}>
      <${Icon} name=${icon} />
    </button>
    <div ref=${menu} id=${id} class="menu" popover="auto" role="menu" aria-label=${label} onBeforeToggle=${place} onToggle=${toggled} onKeyDown=${walk}>
      ${
        isOpen &&
        items.map(item =>
          item.href === undefined
            ? html`<button key=${item.label} type="button" ...${toProps(item)}><${Icon} name=${item.icon} />${item.label}</button>`
            : html`<a key=${item.label} href=${item.href} ...${toProps(item)}><${Icon} name=${item.icon} />${item.label}</a>`,
        )
      }
    </div>
  `
}
