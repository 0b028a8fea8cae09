"""Record -> Event: one pure file per log format; `FORMATS` names them all."""

from collectors.normalise.dispatch import FORMATS, normalise, normalise_record

__all__ = ["FORMATS", "normalise", "normalise_record"]
