/** Shell scripts are text, here and in the build. */
declare module '*.bash' {
  const text: string
  export default text
}
