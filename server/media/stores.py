"""Where the bytes of tests' files lie, as the settings say."""

from server.settings import Settings
from storage.database import Database
from storage.media import InFolder, Media, Store


def open_media(settings: Settings, database: Database) -> Media:
    """The files of tests. To be closed."""
    return Media(database, _store(settings))


def _store(settings: Settings) -> Store | None:
    """None: they lie in the database."""
    if settings.media_bucket:
        from storage.media_bucket import InBucket, parse_bucket

        return InBucket(parse_bucket(settings.media_bucket))
    return InFolder(settings.media_folder) if settings.media_folder else None
