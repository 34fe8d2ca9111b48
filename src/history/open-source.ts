import type { Settings } from '../config/schema.ts'
import type { HistorySource } from '../domain/history.ts'
import type { Patience } from './influx2/source.ts'

/** What a source needs besides its settings. */
export interface SourceAccess extends Patience {
  /** Token of InfluxDB. */
  readonly token: string
}

/**
 * The source that the settings name. The InfluxDB client is loaded only when it is used.
 * @throws Problem `history-unreadable` when the address of InfluxDB is none
 */
export async function openHistorySource(settings: Settings['history'], access: SourceAccess): Promise<HistorySource> {
  switch (settings.source) {
    case 'influx2': {
      const { Influx2Source } = await import('./influx2/source.ts')
      const { url, org, bucket, timeout } = settings
      return new Influx2Source({ url, org, bucket, token: access.token, timeoutSeconds: timeout }, access)
    }
    case 'csv': {
      const { CsvSource } = await import('./csv/source.ts')
      return new CsvSource(settings.paths, settings.timeZone)
    }
    case 'line-protocol': {
      const { LineProtocolSource } = await import('./line-protocol/source.ts')
      return new LineProtocolSource(settings.paths)
    }
    default:
      return settings satisfies never
  }
}
