// Saves a form as a draft two seconds after typing stops, says when it did, and warns before anything is lost.
const PAUSE = 2000
const SECRET = 'input[type=password], input[type=file], input[name=csrfmiddlewaretoken]'

function clock(now) {
  const half = now.getHours() < 12 ? 'am' : 'pm'
  return `${now.getHours() % 12 || 12}:${String(now.getMinutes()).padStart(2, '0')}${half}`
}

function contents(form) {
  const data = new FormData(form)
  form.querySelectorAll(SECRET).forEach((box) => data.delete(box.name))
  return new URLSearchParams(data)
}

function watch(form) {
  const status = form.querySelector('[data-draft-status]')
  let unsaved = false
  let leaving = false
  let timer = 0

  function say(text) {
    if (status) status.textContent = text
  }

  async function save() {
    const token = form.querySelector('input[name=csrfmiddlewaretoken]')?.value ?? ''
    const sent = contents(form)
    unsaved = false
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: 'POST',
        body: sent,
        headers: { 'X-CSRFToken': token, Accept: 'application/json' },
        credentials: 'same-origin',
        redirect: 'error'
      })
      if (!answer.ok) throw new Error(String(answer.status))
      say(form.dataset.draftSaved ? `${form.dataset.draftSaved} ${clock(new Date())}` : `Saved as a draft at ${clock(new Date())}`)
    } catch {
      unsaved = true
      say(form.dataset.draftFailed ?? 'Not saved as a draft. What you typed is still on this page.')
    }
  }

  form.addEventListener('input', () => {
    unsaved = true
    clearTimeout(timer)
    timer = setTimeout(save, PAUSE)
  })
  form.addEventListener('submit', () => {
    leaving = true
    clearTimeout(timer)
  })
  window.addEventListener('beforeunload', (event) => {
    if (unsaved && !leaving) event.preventDefault()
  })
}

export function watchDrafts(scope) {
  scope.querySelectorAll('form[data-draft-url]:not([data-draft-watched])').forEach((form) => {
    form.dataset.draftWatched = 'true'
    watch(form)
  })
}
