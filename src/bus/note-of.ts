import { quoted, type Said, say } from './say.ts'

/** The note that its author gave a claim or an entry of the state, marked as somebody's words. */
export function noteOf({ note }: { readonly note?: string | undefined }): Said {
  return note === undefined || note === '' ? say('') : say` (${quoted(note)})`
}
