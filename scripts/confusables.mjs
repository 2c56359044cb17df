// Writes src/bus/look-alikes.ts from Unicode's confusables.txt:
//   curl https://www.unicode.org/Public/security/latest/confusables.txt | node scripts/confusables.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = readFileSync(0, 'utf8')
const version = /^# Version: (\S+)/m.exec(source)?.[1]
if (version === undefined) throw new Error('expected confusables.txt on stdin')

const MARKS = /\p{Script=Inherited}/gu
const plain = text => text.normalize('NFKD').replace(MARKS, '').toLowerCase()
const charsOf = hex => String.fromCodePoint(...hex.split(' ').map(point => Number.parseInt(point, 16)))

/** What each character looks like that a name could be written with instead of the Latin letters that it seems to have. */
const looks = new Map()
function add(char, like) {
  // What normalisation changes never stands in a name, and what it makes plain needs no table.
  if (char.normalize('NFKC') !== char || /^[\0-\x7f]*$/.test(char) || plain(char) === like) return
  if (!looks.has(char)) looks.set(char, like)
}

// Letters that Unicode holds for distinct, and readers do not: small capitals, and letters in dark circles and squares.
const SMALL_CAPITALS = 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡ_ʏᴢ'
for (const [i, letter] of [...'abcdefghijklmnopqrstuvwxyz'].entries()) {
  add([...SMALL_CAPITALS][i], letter)
  for (const first of [0x1f150, 0x1f170, 0x1f1e6]) add(String.fromCodePoint(first + i), letter)
}
for (const [, from, to] of source.matchAll(/^([0-9A-F]+) ;\t([0-9A-F ]+) ;\tMA/gm)) {
  const like = Array.from(plain(charsOf(to)), char => looks.get(char) ?? char).join('')
  if (/^[a-z0-9_:,@-]{1,3}$/.test(like)) add(charsOf(from), like)
}

const byLook = new Map()
for (const [char, like] of looks) byLook.set(like, [...(byLook.get(like) ?? []), char])
const lines = [...byLook]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .flatMap(([like, chars]) => {
    const points = chars.map(char => char.codePointAt(0)).sort((a, b) => a - b)
    const rows = [like]
    for (const point of points) {
      const next = `${rows.at(-1)} ${point.toString(16)}`
      if (next.length > 116) rows.push(`${like} ${point.toString(16)}`)
      else rows[rows.length - 1] = next
    }
    return rows
  })

writeFileSync(
  fileURLToPath(new URL('../src/bus/look-alikes.ts', import.meta.url)),
  `/**
 * Characters that look like others, by what they look like: of Unicode ${version}'s confusables.txt (UTS #39; © Unicode, Inc.,
 * Unicode License v3) those that look like Latin letters, digits or the signs of an address, in lower case and without
 * accents. Written by scripts/confusables.mjs; a library with the whole table is 100 kB and of 2020.
 */
export const LOOK_ALIKES = \`
${lines.map(line => `  ${line}`).join('\n')}
\`
`,
)
