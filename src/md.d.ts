/** Read as text by the build and by vitest.config.ts. */
declare module '*.md' {
  const text: string
  export default text
}
