"""Text that a user reads, always in both languages."""

import msgspec

VIETNAMESE = "vi"
ENGLISH = "en"
LANGUAGES = (VIETNAMESE, ENGLISH)


class Text(msgspec.Struct, frozen=True):
    """One sentence or label in Vietnamese and English; neither can be left out."""

    vi: str
    en: str

    def within(self, language: str) -> str:
        """The text in `language` (`vi` or `en`); Vietnamese for any other."""
        return self.en if language == ENGLISH else self.vi

    def format(self, **values: object) -> "Text":
        """Both languages with `{name}` replaced; a value that is a `Text` is replaced by its own language."""

        def filled(language: str) -> str:
            return self.within(language).format(
                **{name: value.within(language) if isinstance(value, Text) else value for name, value in values.items()}
            )

        return Text(filled(VIETNAMESE), filled(ENGLISH))
