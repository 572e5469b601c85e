/** The little XML that ClickHouse's two configuration files need. Children are XML already; `text` makes it of a string. */
export function element(name: string, children: string[]): string {
  return `<${name}>${children.join('')}</${name}>`
}

/** `<tag name="…">`, for names that cannot be a tag. */
export function namedElement(tag: string, name: string, children: string[]): string {
  return `<${tag} name="${text(name).replaceAll('"', '&quot;')}">${children.join('')}</${tag}>`
}

export function text(value: string): string {
  return value.replace(/[&<>]/g, (char) => (char === '&' ? '&amp;' : char === '<' ? '&lt;' : '&gt;'))
}
