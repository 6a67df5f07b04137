// The search box and its answers by keyboard: arrow down goes in, arrows go along, Escape closes.
export function watchFinder(root) {
  // What was closed, or overtaken by the whole page, must not come back with an answer that was on its way.
  let quiet = false

  const boxIn = (place) => place.querySelector?.('[data-finder]')

  root.addEventListener('keydown', (event) => {
    const box = boxIn(root)
    const found = box && root.getElementById(box.dataset.finder)
    if (!found || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return
    const inBox = event.target === box
    if (!inBox && !found.contains(event.target)) return
    if (event.key === 'Escape' && found.childElementCount) {
      event.preventDefault()
      quiet = true
      found.replaceChildren()
      const said = root.getElementById(`${found.id}-said`)
      if (said) said.textContent = ''
      box.focus()
    }
    const answers = [...found.querySelectorAll('[data-finder-answer]')]
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || !answers.length || (inBox && step < 0)) return
    event.preventDefault()
    const here = inBox ? -1 : answers.findIndex((answer) => answer.contains(event.target))
    const next = Math.min(here + step, answers.length - 1)
    if (next < 0) box.focus()
    else answers[next].querySelector('button').focus()
  })

  root.addEventListener('input', (event) => {
    if (boxIn(event.target.form ?? root)) quiet = false
  })
  root.addEventListener('submit', (event) => {
    if (boxIn(event.target)) quiet = true
  })
  window.addEventListener('pageshow', () => {
    quiet = false
  })
  root.addEventListener('htmx:beforeRequest', (event) => {
    if (quiet && event.detail.elt.matches('[data-finder]')) event.preventDefault()
  })
  root.addEventListener('htmx:beforeSwap', (event) => {
    if (quiet && event.detail.requestConfig.elt.matches('[data-finder]')) event.detail.shouldSwap = false
  })
}
