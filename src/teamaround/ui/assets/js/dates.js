// A whole date pasted into the day box fills all three; the server does the same for those without scripts.
const SHAPES = [
  [/^(\d{4})[\s/.,-]+(\d{1,2})[\s/.,-]+(\d{1,2})/, [3, 2, 1]],
  [/^(\d{1,2})(?:st|nd|rd|th)?[\s/.,-]+(?:of )?(\d{1,2}|[a-z]+)[\s/.,-]+(\d{4})$/i, [1, 2, 3]],
  [/^([a-z]+)[\s/.,-]+(\d{1,2})(?:st|nd|rd|th)?[\s/.,-]+(\d{4})$/i, [2, 1, 3]]
]

export function watchDates(root) {
  root.addEventListener('paste', (event) => {
    const group = event.target.closest?.('[data-date-input]')
    const text = event.clipboardData?.getData('text').trim() ?? ''
    if (!group) return
    for (const [shape, order] of SHAPES) {
      const match = text.match(shape)
      if (!match) continue
      event.preventDefault()
      group.querySelectorAll('input').forEach((box, index) => {
        box.value = match[order[index]]
        box.dispatchEvent(new Event('input', { bubbles: true }))
      })
      return
    }
  })
}
