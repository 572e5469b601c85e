/** An alert as Slack shows it: one message of an incident, which says what it is now. */
import type { AlertResult, Severity } from '../../core/contracts/results.ts'

const COLOURS: Record<Severity, string> = { info: '#5b7083', warning: '#d29922', critical: '#d1242f' }
const MARKS: Record<Severity, string> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
}
const RESOLVED = { colour: '#1a7f37', mark: ':white_check_mark:' }

export interface SlackMessage {
  /** What notifications show. */
  text: string
  attachments: object[]
}

export function slackMessage({ data, time }: AlertResult): SlackMessage {
  const { severity, state, title, detail, link } = data
  const isResolved = state === 'resolved'
  const heading = `${isResolved ? RESOLVED.mark : MARKS[severity]} *${escaped(title)}*`
  const opens = /^https?:\/\//.test(link) ? ` · <${escaped(link).replaceAll('|', '%7C')}|open the wall>` : ''
  const seconds = Math.floor(Date.parse(time) / 1_000)
  return {
    text: `${isResolved ? 'resolved' : severity}: ${escaped(title)}`,
    attachments: [
      {
        color: isResolved ? RESOLVED.colour : COLOURS[severity],
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: `${heading}\n${escaped(detail)}` } },
          {
            type: 'context',
            elements: [
              {
                type: 'mrkdwn',
                text: `${severity} · ${state} · <!date^${seconds}^{date_short_pretty} {time}|${time}>${opens}`,
              },
            ],
          },
        ],
      },
    ],
  }
}

/** What Slack would take for a mention or a link. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
