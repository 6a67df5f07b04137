// Builds the checked-in styles and script. A developer's act: `npm ci && npm run build`; nothing at run time needs node.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as esbuild from 'esbuild'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const out = join(here, '..', 'static', 'ui')
const FORBIDDEN = /crown|crest|gds[\s-]?transport|govuk-header|govuk-footer/i

function tidyLock() {
  // Packages' funding and download addresses say nothing about what is built; the integrity hashes do.
  const path = join(here, 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  for (const entry of Object.values(lock.packages)) {
    delete entry.funding
    delete entry.resolved
  }
  writeFileSync(path, JSON.stringify(lock, null, 2) + '\n')
}

function sources() {
  const found = ['.npmrc', 'build.mjs', 'package.json', 'package-lock.json']
  for (const folder of ['js', 'scss']) {
    for (const name of readdirSync(join(here, folder))) found.push(`${folder}/${name}`)
  }
  return found.sort()
}

function digest(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

tidyLock()
const css = sass.compile(join(here, 'scss', 'app.scss'), {
  loadPaths: [here, join(here, 'node_modules')],
  style: 'compressed',
  quietDeps: true
}).css
const script = await esbuild.build({
  entryPoints: [join(here, 'js', 'app.js')],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: 'es2020',
  legalComments: 'none'
})
const outputs = { 'app.css': css + '\n', 'app.js': script.outputFiles[0].text }
for (const [name, text] of Object.entries(outputs)) {
  const match = text.match(FORBIDDEN)
  if (match) throw new Error(`${name} contains "${match[0]}", which belongs to the government's own sites`)
  writeFileSync(join(out, name), text)
  console.log(`${relative(process.cwd(), join(out, name))}: ${Buffer.byteLength(text)} bytes`)
}
const manifest = {
  sources: Object.fromEntries(sources().map((name) => [name, digest(join(here, name))])),
  outputs: Object.fromEntries(Object.keys(outputs).map((name) => [name, digest(join(out, name))]))
}
writeFileSync(join(out, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
