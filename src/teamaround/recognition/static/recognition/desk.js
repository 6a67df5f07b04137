// Deciding pairs by keys. A plain key works only while nothing on the page is chosen, never saves anything by
// itself, and can be switched off: WCAG 2.1.4. Without this script the form is the same form.
(function () {
  'use strict'
  const form = document.querySelector('[data-review-keys]')
  if (!form) return
  const reason = form.querySelector('textarea')
  const status = form.querySelector('[data-key-status]')
  const help = form.querySelector('[data-key-help]')
  const toggle = form.querySelector('[data-key-switch]')
  const skip = document.querySelector('[data-key-skip]')
  const words = form.dataset
  const KEPT = 'review-desk-keys'
  const KEYS = { s: 'same', d: 'different', c: 'unsure' }
  let chosen = null

  let on = true
  try {
    on = localStorage.getItem(KEPT) !== 'off'
  } catch {
    // Where nothing may be kept, the keys are on each time.
  }

  function show() {
    toggle.setAttribute('aria-pressed', String(on))
    toggle.textContent = on ? words.wordsOff : words.wordsOn
  }

  toggle.addEventListener('click', () => {
    on = !on
    try {
      localStorage.setItem(KEPT, on ? 'on' : 'off')
    } catch {
      // It holds for this page.
    }
    show()
  })

  function choose(value) {
    chosen = form.querySelector(`button[value="${value}"]`)
    const filled = reason.value.trim() !== ''
    status.textContent = `${chosen.textContent.trim()}. ${filled ? words.wordsEnter : words.wordsWhy}`
    if (filled) chosen.focus()
    else reason.focus()
  }

  document.addEventListener('keydown', (event) => {
    if (!on || event.defaultPrevented || event.repeat) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (document.activeElement && document.activeElement !== document.body) return
    const key = event.key.toLowerCase()
    if (key in KEYS) {
      event.preventDefault()
      choose(KEYS[key])
    } else if (key === 'n' && skip) {
      event.preventDefault()
      skip.click()
    }
  })

  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && on) {
      document.activeElement.blur()
      chosen = null
      status.textContent = ''
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target === reason) {
      event.preventDefault()
      if (chosen) form.requestSubmit(chosen)
      else status.textContent = words.wordsFirst
    }
  })

  help.hidden = false
  show()
})()
