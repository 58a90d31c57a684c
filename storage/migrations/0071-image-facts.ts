import { sql, type Kysely } from 'kysely'

/** What is known of media that is an image once it was looked at: its size, or why no thumbnail can be made of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE media
      ADD COLUMN image_width integer,
      ADD COLUMN image_height integer,
      ADD COLUMN image_animated boolean,
      ADD COLUMN image_fault text`.execute(db)
}
