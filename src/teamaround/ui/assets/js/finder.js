// The search box and its answers by keyboard: arrow down goes in, arrows go along, Escape closes.
export function watchFinder(root, abort) {
  root.addEventListener('keydown', (event) => {
    const box = root.querySelector('[data-finder]')
    const found = box && root.getElementById(box.dataset.finder)
    if (!found || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return
    const inBox = event.target === box
    if (!inBox && !found.contains(event.target)) return
    if (event.key === 'Escape' && found.childElementCount) {
      event.preventDefault()
      abort(box)
      found.replaceChildren()
      const said = root.getElementById(`${found.id}-said`)
      if (said) said.textContent = ''
      box.focus()
    }
    const answers = [...found.querySelectorAll('[data-finder-answer]')].map((answer) => answer.querySelector('button'))
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || !answers.length || (inBox && step < 0)) return
    event.preventDefault()
    const here = inBox ? -1 : answers.findIndex((button) => button.closest('[data-finder-answer]').contains(event.target))
    const next = here + step
    if (next < 0) box.focus()
    else answers[Math.min(next, answers.length - 1)].focus()
  })
  // What was closed or overtaken must not come back with an answer that was on its way.
  root.addEventListener('submit', (event) => {
    const box = event.target.querySelector?.('[data-finder]')
    if (box) abort(box)
  })
}
