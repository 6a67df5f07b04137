// One press, one post. The server keeps its own guard; this spares people the second page.
export function watchSubmits(root) {
  root.addEventListener('submit', (event) => {
    const form = event.target
    if (event.defaultPrevented || form.method === 'get') return
    if (form.dataset.sent) {
      event.preventDefault()
      return
    }
    form.dataset.sent = 'true'
    // After this turn, so that the pressed button's own name and value are still sent.
    setTimeout(() => {
      form.querySelectorAll('button:not([type=button])').forEach((button) => {
        button.setAttribute('aria-disabled', 'true')
      })
    })
  })
  // Back button: the page returns from memory as it was left.
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    root.querySelectorAll('form[data-sent]').forEach((form) => {
      delete form.dataset.sent
      form.querySelectorAll('[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled'))
    })
  })
}
