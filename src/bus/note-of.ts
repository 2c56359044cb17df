import { quoted, type Said, say } from './say.ts'

/** What somebody says about a claim or an entry of the state, as that one's own words. */
export function noteOf({ note }: { readonly note?: string | undefined }): Said {
  return note === undefined || note === '' ? say('') : say` (${quoted(note)})`
}
