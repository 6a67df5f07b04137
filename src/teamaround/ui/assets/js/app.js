// Enhances pages that already work without it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  ExitThisPage,
  FileUpload,
  PasswordInput,
  Radios,
  SkipLink,
  createAll
} from 'govuk-frontend'
import { AddAnother, ButtonMenu, SortableTable } from '@ministryofjustice/frontend'
import htmx from 'htmx.org'

import { watchDates } from './dates.js'
import { watchDrafts } from './drafts.js'
import { watchFinder } from './finder.js'
import { watchSubmits } from './submits.js'

const PARTS = [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  ExitThisPage,
  FileUpload,
  PasswordInput,
  Radios,
  SkipLink,
  AddAnother,
  ButtonMenu,
  SortableTable
]

function enhance(scope) {
  for (const Part of PARTS) {
    // A part met twice (the swapped piece lies in a piece already enhanced) reports it; that is no fault.
    createAll(Part, undefined, { scope, onError() {} })
  }
  watchDrafts(scope)
}

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
window.htmx = htmx
enhance(document)
watchDates(document)
watchSubmits(document)
watchFinder(document)
document.body.addEventListener('htmx:load', (event) => {
  if (event.target !== document.body) enhance(event.target.parentElement ?? event.target)
})
