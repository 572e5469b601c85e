/** Texts that have broken programs, by what they break. A list of our own. */
const repeat = (text: string, times: number) => text.repeat(times)

/** Texts that an identifier may well be: they must come back to the byte. */
// biome-ignore format: in groups, by what they break.
export const NAUGHTY_TEXTS: readonly string[] = [
  // Words that languages, formats and databases keep for themselves.
  'null', 'NULL', 'undefined', 'NaN', 'Infinity', 'true', 'nil', 'None', '\\N', '(null)', 'default',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf',
  // Numbers that are none, or another one.
  '0', '-0', '00', '1e400', '-1e400', '1e-400', '0x10', '0b1', '1_000', '1.234,56', '1,234.56', '1’234.56',
  '٣', '９', '½', '99999999999999999999', '9007199254740993', '.5', '5.', '+5', '--5', '1/0', '$1', '1 000',
  // Dates.
  '9999-12-31T23:59:59Z', '0000-00-00', '2024-02-30T00:00:00Z', '1970-01-01T00:00:00Z', 'yesterday',
  // Quotes, escapes and the end of somebody's statement.
  "'", '"', '`', '\\', "\\'", "''", "'; DROP TABLE order_changes --", "' OR 1=1 --", '{a:UInt8}',
  '$' + '{1+1}', '{{7*7}}', '%s%n', '%00', '%2e%2e%2f', '%', '\\u0000', '\\x00', '`id`', '$(id)',
  '; rm -rf /', '| cat', '&&', '#', '--', '/*', '*/', '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>', '&lt;', '<![CDATA[', '<!--', 'javascript:alert(1)', '=1+1', '@SUM(A1)',
  'a,b;c\td'.replace('\t', ' '), '[]', '{}', '[[', '}}', '{"a":1}', 'a/b', 'a//b', '../../etc/passwd', '.',
  '..', '/', 'C:\\con', 'aux',
  // Space that is none, or is not seen.
  ' ', '  ', ' a', 'a ', '\u00a0', '\u1680', '\u2003', '\u2028', '\u2029', '\u3000', '\u200b', '\u200d',
  '\ufeff', '\u00ad', '\u0085', '\u2060',
  // Letters that change their place, their length or their case.
  'ı', 'İ', 'ß', 'ﬀ', 'ǅ', '\u212b', '\u00c5', '\u00e9', 'e\u0301', '\u2126', '\u03a9', '\u202eabc',
  '\u2066a\u2069', 'עברית', 'العربية', '中文', '日本語', '한국어', 'ไทย', repeat('a\u0300', 90),
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢', '😀', '👩‍👩‍👧‍👦', '🇧🇷', '𝒳', '\ufffd', '\ufffe', '\uffff', '\u{10ffff}',
  // As long as may be.
  repeat('x', 200), repeat('\u00e9', 200), repeat('😀', 100),
]

/** Texts that no identifier may be. */
// biome-ignore format: in groups, by what they break.
export const REFUSED_TEXTS: readonly string[] = [
  '', '\u0000', 'a\u0000b', '\n', 'a\nb', '\r\n', '\t', '\u001b[31m', '\u007f', '\u0008', '\ud800',
  '\udc00', 'a\udfff', repeat('x', 201), repeat('x', 100_000),
]

/** Values of every other type, for a field that wants text. */
// biome-ignore format: in groups, by what they break.
export const WRONG_TYPES: readonly unknown[] = [
  0, -1, 1.5, 1e21, true, false, [], ['a'], [[]], {}, { a: 1 }, { toString: 'x' }, { length: 1 }, [null],
]
